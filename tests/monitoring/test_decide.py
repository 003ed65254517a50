"""The rebuild decision: a cause and an effect, in words, repeatable to the byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_market import PLAN_THROUGH, SETTINGS, Market, market

from pipelines.config.model import PlannedEvent
from pipelines.monitoring.decide import BasePlan, Decision, RebuildRule, decide, due_events
from pipelines.monitoring.decision_store import (
    DECISION_SCHEMA,
    decision_table,
    previous_decision,
    read_decision,
    write_decision,
)
from pipelines.monitoring.level_shift import level_factors
from pipelines.monitoring.plan_vs_actual import plan_vs_actual

RULE = RebuildRule.from_settings(SETTINGS)
PLAN = BasePlan("plan-r1", "r1", date(2025, 9, 30))
NO_INCIDENTS = pd.DataFrame(columns=["scope", "is_blocking"])
EVENT = PlannedEvent("e1", "product_launch", "product", "implant", date(2025, 10, 15), "")


def comparison(found: Market) -> pd.DataFrame:
    potential = found.potential(found.through)
    shift = level_factors(found.counts, found.assignment, found.drift().details, found.windows, potential)
    return plan_vs_actual(found.territory, found.assignment, potential, shift.table)


def decided(found: Market, plan: BasePlan | None = PLAN, **options: object) -> Decision:
    given_options: dict = {
        "drift": found.drift().table,
        "incidents": NO_INCIDENTS,
        "comparison": comparison(found),
        **options,
    }
    return decide("r3", date(2025, 12, 31), plan, RULE, **given_options)


def test_the_first_plan_is_initial() -> None:
    """Without a plan before the refresh, one is built."""
    decision = decided(market(), plan=None)
    assert (decision.decision, decision.decision_id) == ("initial", "rebuild-r3")
    assert decision.base_plan_id is None


def test_a_null_refresh_keeps_and_says_why() -> None:
    """No change: keep, under the id of the plan's own decision, with the figures in the sentence."""
    decision = decided(market())
    assert (decision.decision, decision.decision_id) == ("keep", "rebuild-r1")
    assert decision.drifted_territories == 0
    assert decision.imbalance_now is not None
    assert decision.imbalance_now < 0.05
    assert "No territory has drifted since the plan (18 measures stable)." in decision.reason
    assert f"{decision.imbalance_now:.1%}" in decision.reason
    assert decision.reason.endswith("Plan plan-r1 stays.")


def test_a_planted_shift_rebuilds() -> None:
    """+70 % in one territory: rebuild, under a new id, naming territory and index."""
    decision = decided(market(factor=1.7))
    assert (decision.decision, decision.decision_id) == ("rebuild", "rebuild-r3")
    assert decision.drifted_territories == 1
    assert decision.imbalance_now is not None
    assert decision.imbalance_now > 0.4
    assert "1 of 6 territories have drifted since the plan: T3" in decision.reason
    assert "T3 at index 1" in decision.reason


def test_drift_without_imbalance_is_a_review_not_a_rebuild() -> None:
    """A confirmed shift of a small part of the dollars leaves the balance within the tolerance: keep, and say
    so.
    """
    decision = decided(market(factor=1.5, product="injection"))
    assert decision.decision == "keep"
    assert decision.drifted_territories == 1
    assert "a review, not a rebuild" in decision.reason


def test_imbalance_without_a_cause_is_kept() -> None:
    """A plan that looks unbalanced although nothing drifted is not rebuilt on noise."""
    found = market()
    unfair = comparison(found).assign(now_deviation_share=0.3)
    decision = decided(found, comparison=unfair)
    assert decision.decision == "keep"
    assert "without a confirmed cause" in decision.reason


def test_what_the_plan_could_not_do_better_is_no_reason() -> None:
    """A deviation that the plan had from the start does not trigger a rebuild, even beside drift."""
    found = market(factor=1.7)
    stuck = comparison(found).assign(promised_deviation_share=0.5, now_deviation_share=0.5)
    decision = decided(found, comparison=stuck)
    assert decision.decision == "keep"
    assert "is what the plan had" in decision.reason


def test_a_blocking_incident_blocks() -> None:
    """With claims missing nothing is decided, whatever the counts look like."""
    incidents = pd.DataFrame({"scope": ["source demo, channel medicare"], "is_blocking": [True]})
    decision = decided(market(factor=1.7), incidents=incidents)
    assert (decision.decision, decision.decision_id, decision.drifted_territories) == (
        "blocked",
        "rebuild-r1",
        0,
    )
    assert "source demo, channel medicare" in decision.reason
    noted = decided(market(factor=1.7), incidents=incidents.assign(is_blocking=False))
    assert noted.decision == "rebuild"


def test_an_event_in_force_is_a_cause() -> None:
    """An event that took effect after the plan, with an imbalance, rebuilds; before its day it does not."""
    found = market()
    unfair = comparison(found).assign(now_deviation_share=0.3)
    assert decided(found, comparison=unfair, events=[EVENT]).decision == "rebuild"
    later = replace(EVENT, effective_from=date(2026, 1, 1))
    assert decided(found, comparison=unfair, events=[later]).decision == "keep"
    assert decided(found, events=[EVENT]).decision == "keep"


def test_events_the_plan_knew_are_not_due() -> None:
    """An event in force on the day of the plan is already in it."""
    known = replace(EVENT, effective_from=PLAN.known_on)
    assert due_events([known, EVENT], PLAN, date(2025, 12, 31)) == [EVENT]


def test_keeping_keeps_the_previous_id() -> None:
    """On keep and blocked, the previous decision's id is handed on, so the data version does not move."""
    decision = decided(market(), previous_decision_id="rebuild-r2")
    assert decision.decision_id == "rebuild-r2"


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([1.0, 1.7]))
def test_decisions_do_not_depend_on_the_order_of_rows(shuffler: object, factor: float) -> None:
    """Any order of drift, comparison and event rows gives the same decision."""
    found = market(factor=factor)
    drift, compared = found.drift().table, comparison(found)
    order = list(range(len(drift)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    shuffled = decided(found, drift=drift.iloc[order], comparison=compared.iloc[::-1])
    assert shuffled == decided(found, drift=drift, comparison=compared)


def test_a_repeated_decision_gives_the_same_bytes(tmp_path: Path) -> None:
    """Deciding and writing twice leaves one file with the same bytes, read back as the same decision."""
    first = write_decision(tmp_path, decided(market(factor=1.7)))
    content = first.read_bytes()
    second = write_decision(tmp_path, decided(market(factor=1.7)))
    assert second == first
    assert second.read_bytes() == content
    assert read_decision(tmp_path, "r3") == decided(market(factor=1.7))
    assert [path.name for path in tmp_path.iterdir()] == ["r3.json"]


def test_previous_means_strictly_before_in_the_order_of_the_registry(tmp_path: Path) -> None:
    """Order is the registry's, not the alphabet's; the refresh itself and later ones do not count."""
    base = decided(market())
    order = ["b", "a", "c"]
    for refresh in order:
        write_decision(tmp_path, replace(base, refresh_id=refresh))
    found = previous_decision(tmp_path, "a", order)
    assert found is not None
    assert found.refresh_id == "b"
    assert previous_decision(tmp_path, "b", order) is None
    (tmp_path / "a.json").unlink()
    assert previous_decision(tmp_path, "c", order) == replace(base, refresh_id="b")
    table = decision_table(tmp_path, order)
    assert table.schema.equals(DECISION_SCHEMA)
    assert table["refresh_id"].to_pylist() == ["b", "c"]


def test_promise_and_present_are_compared_on_the_same_units() -> None:
    """Without change the index hardly moves; dollars of units outside the plan belong to nobody."""
    found = market(PLAN_THROUGH)
    potential = found.potential(PLAN_THROUGH)
    ones = pd.DataFrame({"unit_id": found.assignment["unit_id"], "level_factor": 1.0})
    exact = plan_vs_actual(found.territory, found.assignment, potential, ones)
    assert exact["change_share"].abs().max() < 1e-12
    assert exact["index_change"].abs().max() < 1e-9
    stray = potential.head(1).assign(unit_id="new-unit", addressable_usd=1e9)
    with_stray = plan_vs_actual(found.territory, found.assignment, pd.concat([potential, stray]), ones)
    pd.testing.assert_frame_equal(exact, with_stray)


def test_no_opportunity_left_is_said_not_divided_by() -> None:
    """A potential of zero everywhere gives no index and a decision that says so."""
    found = market()
    nothing = found.potential(found.through).assign(addressable_usd=0.0)
    ones = pd.DataFrame({"unit_id": found.assignment["unit_id"], "level_factor": 1.0})
    empty = plan_vs_actual(found.territory, found.assignment, nothing, ones)
    decision = decided(found, comparison=empty)
    assert decision.imbalance_now is None
    assert "No opportunity is left to balance." in decision.reason


@pytest.mark.parametrize(
    ("verdict", "words"), [("too_early", "too early"), ("not_testable", "cannot be tested")]
)
def test_why_nothing_was_found_is_said(verdict: str, words: str) -> None:
    """Too early and not testable are different answers from stable."""
    found = market()
    drift = found.drift().table.assign(verdict=verdict)
    assert words in decided(found, drift=drift).reason
