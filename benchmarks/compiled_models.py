"""The project's own compiled SQL, run on any lake without dbt: a second or so instead of a build.

Takes what dbt compiled for one lake, reads another folder of Parquet files, and makes a model with all that it rests on.
Does not belong here: what is asked of the models.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

REFERENCE = re.compile(r'"claimline"\."\w+"\."(\w+)"')


def compile_project(lake: Path, folder: Path) -> Path:
    """All SQL as dbt compiles it for a first build over `lake`; the folder of it. RuntimeError where it cannot."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from dagster_project.dbt_project import PROJECT

    (folder / "warehouse").mkdir(parents=True)
    os.environ.update(
        CLAIMLINE_LAKE=str(lake),
        CLAIMLINE_WAREHOUSE=str(folder / "warehouse" / "claimline.duckdb"),
        CLAIMLINE_BUILD="full",
    )
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    output = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    try:
        outcome: Any = dbtRunner().invoke(["compile", *places, *output, "--quiet"])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise RuntimeError(f"dbt cannot compile: {outcome.exception}")
    return folder / "target" / "compiled"


class CompiledModels:
    """Models over the lake at `lake`, made once each, when they are first asked for."""

    def __init__(self, compiled: Path, compiled_lake: Path, lake: Path):
        self.files = {path.stem: path for path in compiled.rglob("*.sql") if path.parent.suffix != ".yml"}
        self.compiled_lake, self.lake = str(compiled_lake), str(lake)
        self.connection = duckdb.connect(":memory:", config={"threads": 2})
        # What a build keeps of earlier builds: there were none.
        self.connection.execute(
            "create table ledger_state (model_name varchar, through_order integer, through_change integer)"
        )
        self.made: set[str] = {"ledger_state"}

    def __enter__(self) -> CompiledModels:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def frame(self, name: str) -> pd.DataFrame:
        """All rows of a model."""
        self._make(name)
        return self.connection.execute(f"select * from {name}").df()

    def _make(self, name: str) -> None:
        if name in self.made:
            return
        self.made.add(name)
        sql = self.files[name].read_text(encoding="utf-8").replace(self.compiled_lake, self.lake)
        for needed in sorted(set(REFERENCE.findall(sql))):
            self._make(needed)
        self.connection.execute(f"create table {name} as {REFERENCE.sub(lambda found: found[1], sql)}")
