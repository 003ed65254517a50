"""How Python assets read what dbt built: read-only, inside `with`, closed before anything else runs.

The warehouse takes one process and one mode at a time, so every asset that calls this sits in the `duckdb_writer` pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd

WAREHOUSE_POOL = "duckdb_writer"


def read_relation(home: DataHome, relation: str, where: str = "true") -> pd.DataFrame:
    """All rows of `schema.table`, with decimals as floats and dates as `datetime64`. Raises if dbt has not built it."""
    return query(home, f"select * from {relation} where {where}")


def query_if_built(home: DataHome, relation: str, sql: str) -> pd.DataFrame | None:
    """What `sql` says, or None where dbt does not build `schema.table`: for what a stage can do without."""
    schema, name = relation.split(".")
    found = query(
        home,
        f"select 1 from information_schema.tables where table_schema = '{schema}' and table_name = '{name}'",
    )
    return query(home, sql) if len(found) else None


def query(home: DataHome, sql: str) -> pd.DataFrame:
    import duckdb

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).df()
