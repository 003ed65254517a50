"""The warehouse takes one writer: whatever touches it waits for one place, of which the instance gives out one (T40)."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from assets.warehouse import WAREHOUSE_POOL
from dagster_project.definitions import definitions_for
from dagster_project.instance import prepare_instance
from pipelines.data_home import DataHome

TOUCHES_WAREHOUSE = {"intermediate", "opportunity", "reporting", "monitoring", "quotas", "delivery"}


def test_of_four_steps_at_once_one_has_the_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four runs of a backfill ask for the pool: one gets it, and the next only when it is given back."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # restored afterwards
    with prepare_instance(DataHome.at(tmp_path / "home")) as instance:
        storage = instance.event_log_storage
        if instance.global_op_concurrency_default_limit:
            storage.initialize_concurrency_limit_to_default(WAREHOUSE_POOL)
        runs = [f"run-{number}" for number in range(4)]
        claims = [storage.claim_concurrency_slot(WAREHOUSE_POOL, run, "step") for run in runs]
        assert [claim.is_claimed for claim in claims] == [True, False, False, False]
        storage.free_concurrency_slots_for_run(runs[0])
        again = [storage.claim_concurrency_slot(WAREHOUSE_POOL, run, "step") for run in runs[1:]]
        assert [claim.is_claimed for claim in again].count(True) == 1


def test_whatever_touches_the_warehouse_is_in_the_pool(tmp_path: Path) -> None:
    """Every step of the stages that read or write the warehouse asks for it."""
    outside = []
    for asset in definitions_for(DataHome.at(tmp_path / "home")).assets or []:
        if not isinstance(asset, dg.AssetsDefinition):
            continue
        if set(asset.group_names_by_key.values()) & TOUCHES_WAREHOUSE and asset.op.pool != WAREHOUSE_POOL:
            outside.append(asset.op.name)
    # The memory of what was shown is made of published files only.
    assert outside == ["delivery__published_cell"]
