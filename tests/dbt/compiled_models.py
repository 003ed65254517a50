"""The project's own compiled SQL, run on another lake without dbt: a second or so instead of a build.

Takes what the golden build compiled, reads another folder of Parquet files, and makes a model with all that it rests on.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd

REFERENCE = re.compile(r'"claimline"\."\w+"\."(\w+)"')


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
