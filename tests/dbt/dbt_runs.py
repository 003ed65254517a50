"""One dbt invocation in this process, and what it left in the warehouse."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[2] / "dbt"


@dataclass(frozen=True)
class Build:
    """What one dbt invocation gave: a status per node, and the marts as they were afterwards."""

    statuses: dict[str, str]
    tables: dict[str, pd.DataFrame]

    def table(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def hashes(self) -> dict[str, str]:
        """A hash of each published table's rows in the order in which they are stored."""
        return {
            name: hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
            for name, frame in self.tables.items()
            if name.startswith("reporting.")
        }


_parsed: list[Any] = []


def parsed_project() -> Any:
    """The project, parsed once a test process: nothing in it says where a lake or a warehouse is.

    A copy: dbt writes compiled code into the manifest it is handed, and would trust it the next time.
    """
    if not _parsed:
        outcome = dbtRunner().invoke(
            ["parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet"]
        )
        DuckDBConnectionManager.close_all_connections()
        if outcome.exception:
            raise outcome.exception
        _parsed.append(outcome.result)
    return _parsed[0].deepcopy()


@dataclass(frozen=True)
class Warehouse:
    lake: Path
    file: Path
    compiled: Path

    @property
    def compiled_in_full(self) -> Path:
        """The SQL of the first build, when nothing was there to add to."""
        return self.compiled.with_name("compiled_in_full")

    def run(self, *arguments: str) -> Build:
        """Run dbt with some arguments; the file is let go of before anything else opens it."""
        result = dbtRunner(manifest=parsed_project()).invoke(
            [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet"]
        )
        DuckDBConnectionManager.close_all_connections()
        if result.exception:
            raise result.exception
        statuses = {node.node.name: str(node.status) for node in result.result}
        with duckdb.connect(str(self.file), read_only=True) as connection:
            names = connection.execute(
                "select table_schema, table_name from information_schema.tables order by all"
            ).fetchall()
            tables = {
                f"{schema}.{name}": connection.execute(f"select * from {schema}.{name}").df()
                for schema, name in names
            }
        return Build(statuses, tables)
