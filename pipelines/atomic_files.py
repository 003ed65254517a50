"""How a file is written: whole or not at all, and the same bytes for the same content.

Every writer goes to a temporary name in the same folder, is flushed to disk, and is renamed over the target, so
that a killed process leaves either the old file or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def replace_file(target: Path, write: Callable[[Path], None]) -> Path:
    """Call `write(temporary_path)`, flush it, and rename it over `target`. Returns `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def write_text(target: Path, text: str) -> Path:
    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return replace_file(target, write)


def write_json(target: Path, content: Any) -> Path:
    """Canonical JSON: sorted keys, two-space indent, newline at the end."""
    return write_text(target, json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_parquet(target: Path, table: pa.Table | pd.DataFrame, *, sort_by: list[str]) -> Path:
    """Write `table` sorted by `sort_by` (its key), without the pandas index or any writer time stamp."""
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table, preserve_index=False)
    table = table.replace_schema_metadata(None)
    if sort_by and table.num_rows:
        table = table.sort_by([(name, "ascending") for name in sort_by])
    return replace_file(target, lambda path: pq.write_table(table, path, compression="zstd"))


def sha256_of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of_json(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
