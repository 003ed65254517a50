"""Runs dbt in this process on the small lake, a few times for the whole session."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
import small_lake
from dbt_runs import Build, Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("dbt")
    (folder / "warehouse").mkdir()
    target = Warehouse(
        folder / "lake", folder / "warehouse" / "claimline.duckdb", folder / "target" / "compiled"
    )
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
    build = warehouse.run("build")
    # Kept: a later run compiles incremental models as what they add.
    shutil.copytree(warehouse.compiled, warehouse.compiled_in_full)
    return build


@pytest.fixture(scope="session")
def redelivered(warehouse: Warehouse, golden: Build) -> Build:
    """On top of that warehouse: each file in another row order, and one more delivery that repeats known lines."""
    small_lake.write_golden_lake(warehouse.lake, shuffled=True)
    small_lake.repeat_last_claims(warehouse.lake)
    return warehouse.run("run")


@pytest.fixture(scope="session")
def annual(warehouse: Warehouse, redelivered: Build) -> Build:
    """A profile with annual volumes only, and no plan yet."""
    small_lake.write_annual_lake(warehouse.lake)
    return warehouse.run("build", "--exclude-resource-type", "unit_test")
