"""Stored plans: complete or not there, found by the order of refreshes alone."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from pipelines.data_home import DataHome
from pipelines.territories.plan_store import (
    LAST_TABLE,
    PLAN_FILE,
    active_plan,
    add_table,
    discard_plan,
    is_complete,
    write_plan,
)

ORDER = ["r1", "r2", "r3"]


def store(home: DataHome, refresh_id: str, plan_id: str) -> None:
    table = pa.table({"unit_id": ["b", "a"], "territory_id": ["T01", "T02"]})
    write_plan(
        home,
        refresh_id,
        {"unit_assignment": (table, ["unit_id"])},
        plan_id=plan_id,
        data_through=date(2026, 1, 1),
        config_hash="c",
        facts={"plan_hash": plan_id},
    )


def test_the_plan_in_force_follows_from_the_order_of_refreshes(data_home: DataHome) -> None:
    """Strictly before, or at: the latest plan up to there, whatever was written when."""
    store(data_home, "r3", "third")
    store(data_home, "r1", "first")
    found = {
        ("before", r): plan.plan_id if (plan := active_plan(data_home, ORDER, before=r)) else None
        for r in ORDER
    } | {("at", r): plan.plan_id if (plan := active_plan(data_home, ORDER, at=r)) else None for r in ORDER}
    assert found == {
        ("before", "r1"): None,
        ("before", "r2"): "first",
        ("before", "r3"): "first",
        ("at", "r1"): "first",
        ("at", "r2"): "first",
        ("at", "r3"): "third",
    }
    with pytest.raises(ValueError, match="r9"):
        active_plan(data_home, ORDER, at="r9")


def test_a_folder_without_its_last_file_is_no_plan(data_home: DataHome) -> None:
    """What a killed run leaves behind is passed over and overwritten by the next attempt."""
    store(data_home, "r1", "first")
    store(data_home, "r2", "second")
    (data_home.plans / "r2" / PLAN_FILE).unlink()
    before = active_plan(data_home, ORDER, at="r2")
    assert before is not None
    assert before.plan_id == "first"
    store(data_home, "r2", "again")
    after = active_plan(data_home, ORDER, at="r2")
    assert after is not None
    assert (after.plan_id, after.data_through) == ("again", date(2026, 1, 1))
    assert after.frame("unit_assignment")["unit_id"].tolist() == ["a", "b"]


def test_the_same_plan_has_the_same_bytes(data_home: DataHome) -> None:
    """Writing a plan again leaves every file as it was, byte for byte."""
    store(data_home, "r1", "first")
    first = {path.name: path.read_bytes() for path in sorted((data_home.plans / "r1").iterdir())}
    store(data_home, "r1", "first")
    assert {path.name: path.read_bytes() for path in sorted((data_home.plans / "r1").iterdir())} == first


def test_a_plan_is_complete_with_the_last_table_built_on_it(data_home: DataHome) -> None:
    """Reps and quotas are kept beside the plan; discarding takes all of it."""
    store(data_home, "r1", "first")
    assert not is_complete(data_home, "r1")
    add_table(data_home, "r1", LAST_TABLE, pa.table({"territory_id": ["T01"]}), ["territory_id"])
    assert is_complete(data_home, "r1")
    discard_plan(data_home, "r1")
    assert active_plan(data_home, ORDER, at="r3") is None
