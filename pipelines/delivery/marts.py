"""Marts on their way out: which ones are published, how they are read, and the one order their rows are kept
in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.delivery.published_marts import MART_SCHEMA, PUBLISHED_MARTS


class MartMissing(LookupError):
    """Raised when the warehouse lacks a mart that should be published."""


def read_marts(
    warehouse: Path, names: Iterable[str] = PUBLISHED_MARTS, *, schema: str = MART_SCHEMA
) -> dict[str, pa.Table]:
    """The marts as Arrow tables, columns in the order of the mart's contract, rows in canonical order.

    Opens the warehouse read-only and closes it before returning; whatever writes the warehouse must have
    closed its own connection. Raises `MartMissing` naming every mart that is absent.
    """
    wanted = sorted(names)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        present = {
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = ?", [schema]
            ).fetchall()
        }
        if missing := [name for name in wanted if name not in present]:
            raise MartMissing(f"the warehouse has no {', '.join(f'{schema}.{name}' for name in missing)}")
        tables = {
            name: connection.execute(f'select * from "{schema}"."{name}"').to_arrow_table() for name in wanted
        }
    return {name: canonical_table(table) for name, table in tables.items()}


def canonical_table(table: pa.Table, sort_by: Sequence[str] = ()) -> pa.Table:
    """The same rows, sorted by `sort_by` and then by every other column, in one chunk and without metadata.

    Two tables with the same rows in any order come out identical, and so does their Parquet. Nulls come last;
    lists are compared element by element; minus zero becomes zero. Raises `KeyError` if `sort_by` names a column
    that is not there.
    """
    if unknown := [name for name in sort_by if name not in table.column_names]:
        raise KeyError(f"cannot sort by {unknown}: the table has {table.column_names}")
    plain = _without_minus_zero(table.replace_schema_metadata(None))
    order = [*sort_by, *(name for name in plain.column_names if name not in sort_by)]
    if plain.num_rows > 1:
        columns = ", ".join(f'"{name}" asc nulls last' for name in order)
        with duckdb.connect() as connection:
            connection.register("incoming", plain)
            result = connection.execute(f"select * from incoming order by {columns}").to_arrow_table()
        plain = result.cast(plain.schema)
    return plain.combine_chunks()


def _without_minus_zero(table: pa.Table) -> pa.Table:
    """−0.0 and 0.0 are equal and so cannot be sorted, but they are different bytes."""
    columns = [
        pc.add(column, pa.scalar(0.0, column.type)) if pa.types.is_floating(column.type) else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)
