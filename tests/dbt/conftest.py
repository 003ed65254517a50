"""Runs dbt in this process on the small lake, a few times for the whole session, and reads what it made."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import small_lake
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


@dataclass(frozen=True)
class Warehouse:
    lake: Path
    file: Path
    compiled: Path

    def run(self, *arguments: str) -> Build:
        """Run dbt with some arguments; the file is let go of before anything else opens it."""
        result = dbtRunner().invoke(
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


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("dbt")
    (folder / "warehouse").mkdir()
    target = Warehouse(folder / "lake", folder / "warehouse" / "claimline.duckdb", folder / "target" / "compiled")
    settings = {
        "CLAIMLINE_LAKE": str(target.lake),
        "CLAIMLINE_WAREHOUSE": str(target.file),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    yield target
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def golden(warehouse: Warehouse) -> Build:
    """Everything built on the golden lake, data tests and unit tests included."""
    small_lake.write_golden_lake(warehouse.lake)
    return warehouse.run("build")


@pytest.fixture(scope="session")
def shuffled(warehouse: Warehouse, golden: Build) -> Build:
    """The same deliveries with the rows of each file in another order, on top of the first warehouse."""
    small_lake.write_golden_lake(warehouse.lake, shuffled=True)
    return warehouse.run("run")


@pytest.fixture(scope="session")
def resent(warehouse: Warehouse, shuffled: Build) -> Build:
    """One more delivery that repeats lines that are known."""
    small_lake.resend_first_claims(warehouse.lake)
    return warehouse.run("run")


@pytest.fixture(scope="session")
def annual(warehouse: Warehouse, resent: Build) -> Build:
    """A profile with annual volumes only, and no plan yet."""
    small_lake.write_annual_lake(warehouse.lake)
    return warehouse.run("build", "--exclude-resource-type", "unit_test")
