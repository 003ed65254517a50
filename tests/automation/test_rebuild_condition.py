"""The automation conditions by behaviour: a small graph of the loop's shape, driven tick by tick."""

from __future__ import annotations

import dagster as dg
import pytest

from dagster_project.automation import (
    when_marts_are_rebuilt,
    when_plan_changes,
    when_rebuild_is_decided,
    when_refresh_is_measured,
)

PLAN = dg.AssetKey(["territories", "plan"])
QUOTA = dg.AssetKey(["quotas", "territory_quota"])
MART = dg.AssetKey(["reporting", "mart_plan"])
SNAPSHOT = dg.AssetKey(["delivery", "published_snapshot"])


class SmallLoop:
    """Opportunity → decision → plan → quota → mart → snapshot, with a decision id that a test sets."""

    def __init__(self) -> None:
        self.decision_id = "rebuild-r1"
        self.mart_is_good = True
        self.plan_breaks = False
        self.publishing_breaks = False
        self.built_over = self.published = ""  # the decision that the mart, and the snapshot, was made over
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor = None
        self.assets = self._assets()
        self.defs = dg.Definitions(assets=self.assets)

    def _assets(self) -> list[dg.AssetsDefinition]:
        @dg.asset(key=["opportunity", "fct_unit_potential"])
        def potential() -> None: ...

        @dg.multi_asset(specs=[dg.AssetSpec(["monitoring", "rebuild_decision"], deps=[potential])])
        def decision():  # type: ignore[no-untyped-def]
            yield dg.MaterializeResult(data_version=dg.DataVersion(self.decision_id))

        deps = [potential, dg.AssetKey(["monitoring", "rebuild_decision"])]

        @dg.asset(
            key=PLAN, group_name="territories", deps=deps, automation_condition=when_rebuild_is_decided()
        )
        def plan() -> None:
            if self.plan_breaks:
                raise RuntimeError("solver stopped")

        @dg.asset(
            key=QUOTA, group_name="quotas", deps=[PLAN, potential], automation_condition=when_plan_changes()
        )
        def quota() -> None: ...

        check = dg.AssetCheckSpec("is_good", asset=MART, blocking=True)

        @dg.asset(
            key=MART,
            group_name="reporting",
            deps=[*deps, PLAN, QUOTA],
            check_specs=[check],
            automation_condition=when_refresh_is_measured(),
        )
        def mart():  # type: ignore[no-untyped-def]
            self.built_over = self.decision_id
            yield dg.MaterializeResult(
                check_results=[dg.AssetCheckResult(check_name="is_good", passed=self.mart_is_good)]
            )

        @dg.asset(
            key=SNAPSHOT, group_name="delivery", deps=[MART], automation_condition=when_marts_are_rebuilt()
        )
        def snapshot() -> None:
            if self.publishing_breaks:
                raise RuntimeError("the disk is full")
            self.published = self.built_over

        return [potential, decision, plan, quota, mart, snapshot]

    def tick(self) -> set[dg.AssetKey]:
        outcome = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = outcome.cursor
        return {key for key in self.defs.resolve_all_asset_keys() if outcome.get_num_requested(key)}

    def run(self, *keys: dg.AssetKey) -> bool:
        selection = dg.AssetSelection.assets(*keys)
        return dg.materialize(
            self.assets, instance=self.instance, selection=selection, raise_on_error=False
        ).success

    def refresh(self, decision_id: str) -> None:
        self.decision_id = decision_id
        self.run(
            dg.AssetKey(["opportunity", "fct_unit_potential"]),
            dg.AssetKey(["monitoring", "rebuild_decision"]),
        )


@pytest.fixture
def loop() -> SmallLoop:
    loop = SmallLoop()
    loop.tick()
    loop.refresh("rebuild-r1")
    assert loop.tick() == {PLAN, QUOTA, MART, SNAPSHOT}
    assert loop.run(PLAN, QUOTA, MART, SNAPSHOT)
    # A latch is released in the tick after its request; the daemon ticks every half minute.
    assert loop.tick() == set()
    return loop


def test_first_decision_builds_everything_once(loop: SmallLoop) -> None:
    """After the initial build, further ticks request nothing."""
    assert loop.tick() == set()
    assert loop.tick() == set()


def test_kept_plan_republishes_without_rebuilding(loop: SmallLoop) -> None:
    """A refresh whose decision is to keep has the old data version: marts and snapshot follow, the plan does not."""
    loop.refresh("rebuild-r1")
    assert loop.tick() == {MART, SNAPSHOT}


def test_new_decision_rebuilds_exactly_once(loop: SmallLoop) -> None:
    """A moved data version requests the plan and everything after it, once."""
    loop.refresh("rebuild-r2")
    assert loop.tick() == {PLAN, QUOTA, MART, SNAPSHOT}
    loop.run(PLAN, QUOTA, MART, SNAPSHOT)
    assert loop.tick() == set()
    loop.refresh("rebuild-r2")
    assert PLAN not in loop.tick()


def test_keep_after_rebuild_does_not_rebuild(loop: SmallLoop) -> None:
    """rebuild, keep, keep: the step from rebuild to keep is no new decision."""
    loop.refresh("rebuild-r2")
    loop.run(*loop.tick())
    loop.tick()
    for _ in range(2):
        loop.refresh("rebuild-r2")
        requested = loop.tick()
        assert PLAN not in requested
        assert MART in requested
        loop.run(*requested)
        loop.tick()


def test_opportunity_alone_publishes_nothing(loop: SmallLoop) -> None:
    """A refresh that stopped before its decision (a failed check) requests nothing."""
    loop.run(dg.AssetKey(["opportunity", "fct_unit_potential"]))
    assert loop.tick() == set()


def test_failing_mart_check_holds_the_snapshot_back(loop: SmallLoop) -> None:
    """A blocking check on a mart keeps yesterday's snapshot in place."""
    loop.mart_is_good = False
    loop.refresh("rebuild-r1")
    loop.run(MART)
    assert SNAPSHOT not in loop.tick()


def test_failed_rebuild_does_not_storm(loop: SmallLoop) -> None:
    """A solver that breaks is not started again and again for the same decision."""
    loop.plan_breaks = True
    loop.refresh("rebuild-r2")
    assert PLAN in loop.tick()
    assert not loop.run(PLAN, QUOTA, MART, SNAPSHOT)
    assert PLAN not in loop.tick()
    assert PLAN not in loop.tick()


def test_failed_publication_never_asks_for_the_snapshot_alone(loop: SmallLoop) -> None:
    """Marts that a failed publication left behind do not publish themselves later, over another decision."""
    loop.publishing_breaks = True
    loop.refresh("rebuild-r2")
    assert not loop.run(*loop.tick())
    assert loop.tick() == set()
    assert not loop.run(MART, SNAPSHOT)  # what is due by the files, with the same end
    loop.publishing_breaks = False
    for _ in range(3):
        assert loop.tick() == set()
    loop.refresh("rebuild-r3")
    requested = loop.tick()
    assert requested == {PLAN, QUOTA, MART, SNAPSHOT}
    assert loop.run(*requested)
    assert loop.published == "rebuild-r3"


def test_marts_without_snapshot_are_not_published_by_the_next_tick(loop: SmallLoop) -> None:
    """A mart rebuilt by hand may be older than the decision by the time a tick sees it."""
    assert loop.run(MART)
    loop.decision_id = "rebuild-r2"  # decided, and not seen yet
    assert loop.tick() == set()
    loop.refresh("rebuild-r2")
    assert loop.tick() == {PLAN, QUOTA, MART, SNAPSHOT}
