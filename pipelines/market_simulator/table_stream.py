"""A table file written piece by piece: Parquet in even row groups, or CSV; same rows, same bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

ROWS_A_GROUP = 200_000


class TableStream:
    """Collects tables of one schema and writes them in groups of `ROWS_A_GROUP` rows.

    How the rows were cut into tables leaves no trace in the file. `plain_columns` are Parquet columns of
    mostly distinct values, for which a dictionary would only cost.
    """

    def __init__(self, path: Path, schema: pa.Schema, plain_columns: tuple[str, ...] = ()):
        self.path, self.schema, self.rows = path, schema, 0
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._writer: pq.ParquetWriter | pa_csv.CSVWriter
        if path.suffix == ".csv":
            self._text_schema = pa.schema([(field.name, _plain(field.type)) for field in schema])
            self._writer = pa_csv.CSVWriter(path, self._text_schema)
        else:
            with_dictionary = [name for name in schema.names if name not in plain_columns]
            # without the Arrow schema in the file, readers see text where dictionaries were written
            self._writer = pq.ParquetWriter(
                path, schema, compression="zstd", use_dictionary=with_dictionary, store_schema=False
            )

    def append(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.rows += table.num_rows
        while self._waiting_rows >= ROWS_A_GROUP:
            whole = pa.concat_tables(self._waiting)
            self._write(whole.slice(0, ROWS_A_GROUP))
            self._waiting = [whole.slice(ROWS_A_GROUP)]
            self._waiting_rows -= ROWS_A_GROUP

    def close(self) -> None:
        """Write what is left, close, and flush to disk."""
        if self._waiting_rows:
            self._write(pa.concat_tables(self._waiting))
        self._waiting = []
        self._writer.close()
        with self.path.open("rb") as handle:
            os.fsync(handle.fileno())

    def _write(self, table: pa.Table) -> None:
        if self.path.suffix == ".csv":
            table = table.cast(self._text_schema)
        self._writer.write_table(table.combine_chunks())


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
