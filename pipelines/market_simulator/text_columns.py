"""Text columns without a Python object per row: numbers with leading zeros, positions in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


def numbered_text(prefix: str | np.ndarray, numbers: np.ndarray, width: int) -> pa.Array:
    """`prefix` and the number with leading zeros, e.g. P0000042. An array holds the ASCII letter of each row."""
    given = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8) if isinstance(prefix, str) else prefix
    head = given[None, :] if isinstance(prefix, str) else given[:, None]
    letters = np.empty((len(numbers), head.shape[1] + width), dtype=np.uint8)
    letters[:, : head.shape[1]] = head
    rest = numbers.astype(np.int64)
    for column in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, head.shape[1] + column] = digit + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * letters.shape[1]
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(letters))


@dataclass(frozen=True)
class Vocabulary:
    """Texts that a column can hold, each once (Parquet's writer is neither quick nor repeatable otherwise).

    `position[i]` is where the i-th text given stands in `texts`.
    """

    texts: pa.Array
    position: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str] | np.ndarray | pa.Array) -> Vocabulary:
        given = texts if isinstance(texts, pa.Array) else pa.array(list(texts), type=pa.string())
        encoded = given.dictionary_encode()
        return cls(encoded.dictionary, encoded.indices.to_numpy())

    def column(self, index: np.ndarray) -> pa.DictionaryArray:
        """The text given at each index; null where it is negative."""
        known = index >= 0
        codes = np.where(known, self.position[np.where(known, index, 0)], 0).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=~known), self.texts)
