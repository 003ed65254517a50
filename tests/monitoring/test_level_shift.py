"""Level factors: exactly 1 without drift, the territory's change with it, and no double counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_market import PLAN_THROUGH, UNITS, Market, market

from pipelines.monitoring.level_shift import (
    LevelShift,
    level_factors,
    remaining_factor,
    shrunk_ratios,
    with_planned_levels,
)


def shift_of(found: Market, planned: pd.DataFrame | None = None) -> LevelShift:
    counts = with_planned_levels(found.counts, planned, found.windows)
    return level_factors(
        found.counts,
        found.assignment,
        found.drift(counts).details,
        found.windows,
        found.potential(found.through),
        planned=planned,
    )


def test_a_null_refresh_moves_nothing() -> None:
    """Without drift every factor is 1.0, bit for bit, for every unit of the plan."""
    table = shift_of(market()).table
    assert table["unit_id"].tolist() == sorted(UNITS)
    assert (table["level_factor"] == 1.0).all()


@pytest.mark.parametrize("factor", [1.7, 0.6])
@pytest.mark.parametrize("months", [1, 3, 8])
def test_potential_times_factor_is_the_new_level(factor: float, months: int) -> None:
    """After 1, 3 or 8 months of a shift, potential × factor is a whole year at the new level; the rest is
    untouched.
    """
    through = date(2025, 6 + months, 1) if months < 7 else date(2026, 2, 1)
    found = market(through, factor=factor)
    table = shift_of(found).table.set_index("unit_id")["level_factor"]
    hit = table.index.str.startswith("T3")
    assert (table[~hit] == 1.0).all()
    potential = found.potential(through).groupby("unit_id")["addressable_usd"].sum()
    level = (potential * table)[hit].sum() / potential[~hit].mean() / hit.sum()
    assert level == pytest.approx(factor, rel=0.05)


def test_a_shift_that_began_later_is_not_thought_to_be_absorbed() -> None:
    """Five months after the plan, a shift three months old: the potential holds three months of it, not five."""
    through = date(2025, 11, 1)
    found = market(through, factor=1.7, after=date(2025, 8, 1))
    table = shift_of(found).table.set_index("unit_id")["level_factor"]
    hit = table.index.str.startswith("T3")
    potential = found.potential(through).groupby("unit_id")["addressable_usd"].sum()
    level = (potential * table)[hit].sum() / potential[~hit].sum() * 5
    assert level == pytest.approx(1.7, rel=0.03)


def test_a_shift_of_one_product_moves_its_dollars_only() -> None:
    """Only the shifted product gets factors; the unit's factor is weighted by its addressable dollars."""
    found = market(factor=2.0, product="injection")
    shift = shift_of(found)
    assert set(shift.by_product["product_id"]) == {"injection"}
    assert shift.table["level_factor"].max() < shift.by_product["level_factor"].min()


def test_after_the_rebuild_the_same_shift_is_not_found_again() -> None:
    """Planned levels make the known shift expected: no drift next month, and the factor fades as the year
    fills.
    """
    at_plan = shift_of(market(date(2025, 9, 1), factor=1.7))
    now = replace(market(date(2025, 10, 1), factor=1.7), plan_through=date(2025, 9, 1))
    assert now.drift().table["is_drift"].any()
    expected = with_planned_levels(now.counts, at_plan.by_product, now.windows)
    drift = now.drift(expected)
    assert set(drift.table["verdict"]) == {"stable"}
    carried = shift_of(now, at_plan.by_product).table.set_index("unit_id")["level_factor"]
    before = at_plan.table.set_index("unit_id")["level_factor"]
    hit = carried.index.str.startswith("T3")
    assert (carried[~hit] == 1.0).all()
    assert ((carried[hit] > 1.1) & (carried[hit] < before[hit])).all()


def test_planned_levels_touch_the_baseline_only() -> None:
    """Lifting is confined to baseline months of the listed units and products."""
    found = market()
    planned = pd.DataFrame({"unit_id": ["T1-u0"], "product_id": ["implant"], "level_factor": [2.0]})
    lifted = with_planned_levels(found.counts, planned, found.windows)
    ratio = lifted["procedures"] / found.counts["procedures"]
    hit = (
        (found.counts["unit_id"] == "T1-u0")
        & (found.counts["product_id"] == "implant")
        & found.counts["service_month"].isin(found.windows.baseline)
    )
    assert (ratio[hit] == 2.0).all()
    assert (ratio[~hit] == 1.0).all()
    assert PLAN_THROUGH in set(found.counts.loc[hit, "service_month"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0.1, 200)), min_size=2, max_size=30))
def test_shrinkage_keeps_the_sum_and_lies_between(pairs: list[tuple[int, float]]) -> None:
    """Shrunk ratios keep the territory's total and do not overshoot the units' own ratios."""
    observed = np.array([pair[0] for pair in pairs], dtype=float)
    expected = np.array([pair[1] for pair in pairs])
    ratio = shrunk_ratios(observed, expected)
    assert (expected * ratio).sum() == pytest.approx(observed.sum(), rel=1e-9, abs=1e-9)
    assert (ratio >= 0).all()
    spread = np.ptp(observed / expected)
    assert np.ptp(ratio) <= spread * (1 + 1e-9) * max(
        1.0, ratio.max() / max((observed / expected).max(), 1e-9)
    )


def test_small_units_are_shrunk_more_than_large_ones() -> None:
    """A unit of 4 expected events that doubled hardly leaves the common ratio; one of 400 nearly doubles."""
    expected = np.array([4.0, 400.0, 400.0, 400.0, 400.0])
    observed = np.array([8.0, 800.0, 400.0, 380.0, 420.0])
    ratio = shrunk_ratios(observed, expected)
    common = observed.sum() / expected.sum()
    assert abs(ratio[0] - common) < 0.6 * abs(ratio[1] - common)
    assert ratio[1] > 1.8


@given(st.floats(0, 1))
def test_one_stays_one(absorbed: float) -> None:
    """A ratio of exactly 1 gives a factor of exactly 1, whatever has been absorbed."""
    assert remaining_factor(np.array([1.0]), absorbed)[0] == 1.0
