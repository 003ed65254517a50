"""Files written in pieces."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.market_simulator.table_stream import TableStream
from pipelines.market_simulator.text_columns import Vocabulary, numbered_text

ROWS = 50


def _table() -> pa.Table:
    numbers = np.arange(ROWS)
    return pa.table(
        {
            "id": numbered_text("P", numbers, 7),
            "code": Vocabulary.of(["a", "b", "a"]).column(numbers % 4 - 1),
            "amount": pa.array(numbers / 8),
        }
    )


@given(cuts=st.lists(st.integers(0, ROWS), max_size=6), suffix=st.sampled_from(["parquet", "csv"]))
@settings(max_examples=30, deadline=None)
def test_how_rows_are_cut_leaves_no_trace(cuts: list[int], suffix: str) -> None:
    """Any cutting of the same rows gives the same bytes, also across row groups."""
    edges = [0, *sorted(cuts), ROWS]
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.market_simulator.table_stream.ROWS_A_GROUP", 16)
        written = []
        for label, pieces in (("whole", [0, ROWS]), ("cut", edges)):
            stream = TableStream(Path(name) / f"{label}.{suffix}", _table().schema, ("id",))
            for begin, end in pairwise(pieces):
                stream.append(_table().slice(begin, end - begin))
            stream.close()
            assert stream.rows == ROWS
            written.append(stream.path.read_bytes())
    assert written[0] == written[1]


def test_readers_see_plain_text(tmp_path: Path) -> None:
    """Dictionaries are an economy of the writer: a reader gets strings, null where the index was negative."""
    stream = TableStream(tmp_path / "t.parquet", _table().schema)
    stream.append(_table())
    stream.close()
    read = pq.read_table(tmp_path / "t.parquet")
    assert [str(kind) for kind in read.schema.types] == ["string", "string", "double"]
    assert read["id"].to_pylist()[:2] == ["P0000000", "P0000001"]
    assert read["code"].to_pylist()[:4] == [None, "a", "b", "a"]


@given(st.lists(st.integers(0, 9_999_999), max_size=20))
@settings(max_examples=30)
def test_numbered_text_pads_with_zeros(numbers: list[int]) -> None:
    """The columnar formatter agrees with Python's."""
    assert numbered_text("P", np.array(numbers, dtype=np.int64), 7).to_pylist() == [
        f"P{n:07d}" for n in numbers
    ]
