"""What is due next, from files alone: the one answer for the loop runner, the sensor and people who ask.

Order matters: a refresh that was accepted is carried through to the published snapshot before the next is landed, so that
the history of plans does not depend on when a process was killed.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.config.load import load_business_config
from pipelines.data_home import DataHome
from pipelines.delivery.publication import read_current
from pipelines.landing.registry import RefreshRegistry
from pipelines.monitoring.decision_store import decided_on, read_decision
from pipelines.territories.plan_store import is_complete

BUILDS_A_PLAN = ("initial", "rebuild")


@dataclass(frozen=True)
class Due:
    """`kind` is land, measure, rebuild, publish or nothing; `refresh_id` is what it is due for."""

    kind: str
    refresh_id: str
    sentence: str


def next_due(home: DataHome, *, skip: frozenset[str] = frozenset()) -> Due:
    """The next step. Deliveries named in `skip` (they failed in this process) are passed over."""
    config, _ = load_business_config(home.config)
    registry = RefreshRegistry(home)
    as_of = registry.as_of()
    if as_of is not None and as_of.refresh_id not in skip:
        unfinished = _unfinished(home, as_of.refresh_id, registry.input_hash(config.config_hash))
        if unfinished:
            return unfinished
    for delivery in registry.pending(config):
        if delivery.refresh_id not in skip:
            return Due("land", delivery.refresh_id, f"{delivery.refresh_id}: a new delivery")
    for problem in registry.unfinished():
        return Due("nothing", "", f"Nothing is due, but a delivery is incomplete. {problem.sentence()}")
    return Due("nothing", "", "Nothing is due: every delivery is landed, measured and published")


def _unfinished(home: DataHome, refresh_id: str, input_hash: str) -> Due | None:
    if decided_on(home.decisions, refresh_id) != input_hash:
        return Due(
            "measure", refresh_id, f"{refresh_id}: accepted, not measured yet under the present configuration"
        )
    decision = read_decision(home.decisions, refresh_id)
    if decision and decision.decision in BUILDS_A_PLAN and not is_complete(home, refresh_id):
        return Due("rebuild", refresh_id, f"{refresh_id}: a plan was decided and is not finished")
    if decision and decision.decision == "blocked" and decision.base_plan_id is None:
        return None  # no plan yet, so nothing to show
    published = read_current(home.published)
    if published is None or (published["as_of_refresh"], published["input_hash"]) != (refresh_id, input_hash):
        return Due("publish", refresh_id, f"{refresh_id}: measured, not published yet")
    return None
