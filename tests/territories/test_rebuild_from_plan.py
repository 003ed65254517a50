"""Rebuilding from the plan in force: nothing moves without need, and little moves with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_maps import Market, grid, joined, random_map

from pipelines.territories.plan import Plan
from pipelines.territories.problem import ActivePlan, Problem
from pipelines.territories.solve import solve
from pipelines.territories.stop import Stop
from pipelines.territories.verify import verify

QUICK = Stop.quick()


def planned(problem: Problem) -> Plan:
    plan = solve(problem, stop=QUICK)
    assert isinstance(plan, Plan)
    assert verify(problem, plan) == []
    return plan


def in_force(plan: Plan, price: float | None = None) -> ActivePlan:
    return ActivePlan(
        assignment=plan.assignment,
        seats={t.territory_id: t.seat_unit_id for t in plan.territories},
        promised_excess={"usd": {t.territory_id: t.excess_shares.get("usd", 0.0) for t in plan.territories}},
        disruption_price_miles=price,
        areas=plan.areas,
        links=plan.links,
    )


@pytest.fixture
def lumpy() -> Market:
    chance = np.random.default_rng(5)
    return grid(10, 14, np.round(chance.lognormal(1.0, 0.8, 140), 1).tolist())


@given(seed=st.integers(0, 10_000), units=st.integers(4, 30), tolerance=st.sampled_from([0.01, 0.1]))
@settings(max_examples=10, deadline=None)
def test_no_change_moves_nothing(seed: int, units: int, tolerance: float) -> None:
    """The same market planned again is the same plan, to the hash, also where its bands could not be met."""
    market = random_map(seed, units, heaviest=30)
    first = planned(market.problem(3, tolerance))
    again = planned(market.problem(3, tolerance, active=in_force(first)))
    assert again.plan_hash == first.plan_hash
    assert (again.moved_units, again.moved_opportunity_share) == (0, 0.0)


@given(seed=st.integers(0, 10_000), tolerance=st.sampled_from([0.0, 0.2]), flags=st.booleans())
@settings(max_examples=12, deadline=None)
def test_no_change_moves_nothing_across_water_either(seed: int, tolerance: float, flags: bool) -> None:
    """Land is cut up and joined as it was, whatever lay on which side: linked pieces, rich islands, whole seats."""
    parts = []
    for number, units in enumerate((1, 9, 14)):
        part = random_map(seed * 10 + number, units, heaviest=40)
        parts.append(
            Market(
                tuple(f"{number}{unit}" for unit in part.ids),
                part.load,
                part.latitude,
                tuple(x + 3 * number for x in part.longitude),
                tuple((f"{number}{a}", f"{number}{b}", kind) for a, b, kind in part.edges),
            )
        )
    market = joined(*parts)
    is_island = [flags and unit.startswith("1") for unit in market.ids]
    first = planned(market.problem(5, tolerance, is_island=is_island))
    again = planned(market.problem(5, tolerance, is_island=is_island, active=in_force(first)))
    assert again.plan_hash == first.plan_hash


def test_drift_within_the_band_moves_nothing(lumpy: Market) -> None:
    """A plan that still holds is kept, even if a better one could be drawn."""
    first = planned(lumpy.problem(4, 0.1))
    drifted = lumpy.with_load([load * (1.02 if i % 3 else 0.98) for i, load in enumerate(lumpy.load)])
    assert planned(drifted.problem(4, 0.1, active=in_force(first))).moved_units == 0


def test_a_shift_in_a_corner_is_mended_with_less_movement_than_a_new_plan(lumpy: Market) -> None:
    """After a corner grows by half, balance is back within the band and fewer units move than from scratch."""
    first = planned(lumpy.problem(4))
    grown = [
        load * (1.5 if y < 40.45 and x < -99.45 else 1.0)
        for load, y, x in zip(lumpy.load, lumpy.latitude, lumpy.longitude, strict=True)
    ]
    shifted = lumpy.with_load(grown)
    repaired = planned(shifted.problem(4, active=in_force(first)))
    assert all(not t.excess_shares for t in repaired.territories)
    assert 0 < repaired.moved_opportunity_share < 0.25
    fresh = planned(shifted.problem(4))
    best_relabelled = sum(
        max(
            sum(
                load
                for unit, load in zip(shifted.ids, shifted.load, strict=True)
                if first.assignment[unit] == old and fresh.assignment[unit] == new
            )
            for old in set(first.assignment.values())
        )
        for new in set(fresh.assignment.values())
    )
    assert repaired.moved_opportunity_share <= 1 - best_relabelled / sum(shifted.load) + 1e-9


def test_a_unit_the_plan_does_not_know_joins_a_neighbour_and_nobody_else_moves(lumpy: Market) -> None:
    """New geography is adopted without a rebuild of the rest."""
    first = planned(lumpy.problem(4, 0.2))
    known = {
        unit: territory for unit, territory in first.assignment.items() if unit not in ("u0000", "u0513")
    }
    active = ActivePlan(known, {t.territory_id: t.seat_unit_id for t in first.territories})
    again = planned(lumpy.problem(4, 0.2, active=active))
    assert again.moved_units == 0
    assert again.assignment["u0513"] in {again.assignment[u] for u in ("u0413", "u0613", "u0512")}


@pytest.mark.parametrize("seats", [3, 5])
def test_a_changed_number_of_seats_keeps_the_names_of_the_others(lumpy: Market, seats: int) -> None:
    """One seat more gets a new id; one less dissolves the lightest; ids never change hands or come back."""
    first = planned(lumpy.problem(4))
    again = planned(lumpy.problem(seats, active=in_force(first)))
    before, after = set(first.assignment.values()), set(again.assignment.values())
    assert len(after) == seats
    if seats == 5:
        assert after - before == {"T05"}
    else:
        gone = before - after
        lightest = min(first.territories, key=lambda t: t.measures["usd"]).territory_id
        assert gone == {lightest}
        assert any(lightest in sentence for sentence in again.what_binds)
    assert max(abs(t.balance_index - 100) for t in again.territories) < 7


def test_a_dearer_move_moves_no_more(lumpy: Market) -> None:
    """Raising the price of disruption from nothing to much lowers what is moved."""
    first = planned(lumpy.problem(4))
    shifted = lumpy.with_load([load * (1.4 if i < 40 else 1.0) for i, load in enumerate(lumpy.load)])
    cheap = planned(shifted.problem(4, active=in_force(first, 0.0)))
    dear = planned(shifted.problem(4, active=in_force(first, 500.0)))
    assert dear.moved_opportunity_share <= cheap.moved_opportunity_share
    assert all(not t.excess_shares for t in dear.territories)


def test_a_start_without_a_plan_in_force_keeps_its_names() -> None:
    """`initial` names the territories even where nothing is charged for moving."""
    market = grid(4, 6)
    start = {u: "east" if x > -99.75 else "west" for u, x in zip(market.ids, market.longitude, strict=True)}
    plan = solve(market.problem(2), initial=start)
    assert isinstance(plan, Plan)
    assert plan.assignment == dict(sorted(start.items()))
