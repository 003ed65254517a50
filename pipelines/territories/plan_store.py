"""Plans as folders: `lake/plans/<refresh_id>/`, one plan a refresh, written once its tables are there.

`plan.json` comes last, so that a folder without it is no plan. What is built on the plan (reps, quotas) is
kept beside it: the next plan starts from these. Which plan is active follows from the order of refreshes
alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.atomic_files import read_json, write_json, write_parquet
from pipelines.data_home import DataHome

PLAN_FILE = "plan.json"
LAST_TABLE = "quota_line"
"""The table that a finished plan ends with."""


@dataclass(frozen=True)
class StoredPlan:
    """A plan on disk. `data_through` is the last usable service month it was built on, `config_hash` the
    business files.
    """

    folder: Path
    plan_id: str
    built_for_refresh: str
    data_through: date
    config_hash: str

    def frame(self, name: str) -> pd.DataFrame:
        """One of its tables; FileNotFoundError where that stage has not run for this plan."""
        return pd.read_parquet(self.folder / f"{name}.parquet")

    def table(self, name: str) -> pa.Table:
        """The same as Arrow, with the types it was written with."""
        return pq.read_table(self.folder / f"{name}.parquet")

    def has(self, name: str) -> bool:
        return (self.folder / f"{name}.parquet").is_file()


def write_plan(
    home: DataHome,
    refresh_id: str,
    tables: Mapping[str, tuple[pa.Table, Sequence[str]]],
    *,
    plan_id: str,
    data_through: date,
    config_hash: str,
    facts: Mapping[str, Any],
) -> StoredPlan:
    """Replace the plan of `refresh_id`. `tables`: name → (table, key). `facts` must hold plain JSON
    values.
    """
    folder = home.plans / refresh_id
    discard_plan(home, refresh_id)
    for name, (table, key) in sorted(tables.items()):
        write_parquet(folder / f"{name}.parquet", table, sort_by=list(key))
    content = {
        "plan_id": plan_id,
        "built_for_refresh": refresh_id,
        "data_through": str(data_through),
        "config_hash": config_hash,
        **facts,
    }
    write_json(folder / PLAN_FILE, content)
    return _stored(folder)


def add_table(home: DataHome, refresh_id: str, name: str, table: pa.Table, key: Sequence[str]) -> Path:
    """Keep a table of a later stage with the plan it belongs to."""
    return write_parquet(home.plans / refresh_id / f"{name}.parquet", table, sort_by=list(key))


def active_plan(
    home: DataHome, refresh_order: Sequence[str], *, before: str | None = None, at: str | None = None
) -> StoredPlan | None:
    """The plan with the greatest refresh strictly before `before`, or at or before `at`. None if there is
    none.

    ValueError when the refresh is not in the order.
    """
    order = list(refresh_order)
    if before is not None:
        candidates = order[: order.index(before)]
    else:
        candidates = order[: order.index(at) + 1] if at is not None else order
    for refresh_id in reversed(candidates):
        folder = home.plans / refresh_id
        if (folder / PLAN_FILE).is_file():
            return _stored(folder)
    return None


def is_complete(home: DataHome, refresh_id: str) -> bool:
    """Whether the plan of `refresh_id` and everything built on it is there."""
    folder = home.plans / refresh_id
    return (folder / PLAN_FILE).is_file() and (folder / f"{LAST_TABLE}.parquet").is_file()


def discard_plan(home: DataHome, refresh_id: str) -> None:
    """Remove the plan of a refresh that is decided anew; `plan.json` first, so that no half of it counts."""
    folder = home.plans / refresh_id
    (folder / PLAN_FILE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _stored(folder: Path) -> StoredPlan:
    content = read_json(folder / PLAN_FILE)
    return StoredPlan(
        folder=folder,
        plan_id=content["plan_id"],
        built_for_refresh=content["built_for_refresh"],
        data_through=date.fromisoformat(content["data_through"]),
        config_hash=content["config_hash"],
    )
