"""What holds for every plan: cover, contiguity, honest figures, and the same answer to the same question."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_maps import Market, grid, random_map

from pipelines.territories.plan import Plan
from pipelines.territories.problem import BalanceRule, Problem
from pipelines.territories.solve import solve
from pipelines.territories.stop import Stop
from pipelines.territories.verify import verify

QUICK = Stop.quick()


def solved(problem: Problem, seed: int = 0) -> Plan:
    plan = solve(problem, stop=QUICK, seed=seed)
    assert isinstance(plan, Plan)
    return plan


@given(seed=st.integers(0, 10_000), units=st.integers(11, 45), seats=st.integers(2, 5))
@settings(max_examples=10, deadline=None)
def test_every_plan_passes_the_independent_checker(seed: int, units: int, seats: int) -> None:
    """Cover, contiguity, loads, miles, objective and bound of a random market are what the plan says."""
    problem = random_map(seed, units, heaviest=30).problem(seats, tolerance=0.1)
    assert verify(problem, solved(problem)) == []


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_input_order_does_not_matter(seed: int) -> None:
    """Units and edges in any order and direction give the same plan, to the hash."""
    market = random_map(seed, 24)
    order = list(range(24))
    random.Random(seed).shuffle(order)
    turned = [(b, a, kind) for a, b, kind in market.edges]
    random.Random(seed + 1).shuffle(turned)
    shuffled = Market(
        *(
            tuple(values[i] for i in order)
            for values in (market.ids, market.load, market.latitude, market.longitude)
        ),
        edges=tuple(turned),
    )
    first, second = solved(market.problem(3)), solved(shuffled.problem(3))
    assert first.plan_hash == second.plan_hash
    assert first.objective == second.objective


def test_a_rerun_gives_the_same_plan_to_the_last_bit() -> None:
    """Same problem, stop and seed: same hash and the same figures."""
    problem = random_map(7, 40).problem(4)
    first, second = solved(problem, seed=3), solved(problem, seed=3)
    assert first.plan_hash == second.plan_hash
    assert (first.objective, first.bound, first.drive_miles.tolist()) == (
        second.objective,
        second.bound,
        second.drive_miles.tolist(),
    )


def test_units_without_opportunity_still_belong_to_the_nearest_territory() -> None:
    """Zero-load units are covered, keep territories whole and join what is near, not what is far."""
    load = [5.0 if c in (1, 8) else 0.0 for r in range(4) for c in range(10)]
    market = grid(4, 10, load)
    plan = solved(market.problem(2))
    west = {plan.assignment[u] for u, x in zip(market.ids, market.longitude, strict=True) if x < -99.65}
    east = {plan.assignment[u] for u, x in zip(market.ids, market.longitude, strict=True) if x > -99.45}
    assert len(west) == len(east) == 1
    assert west != east


def test_a_unit_above_the_band_gets_its_own_territory_and_is_named() -> None:
    """Where one unit alone is worth two seats, the others are balanced among themselves and the unit is reported."""
    market = grid(4, 6, [60.0] + [2.0] * 23)
    plan = solved(market.problem(3, tolerance=0.1))
    alone = plan.assignment["u0000"]
    assert plan.territory(alone).targets["usd"] == pytest.approx(60.0 / 106.0)
    assert plan.territory(alone).measures["usd"] <= 66.0
    others = [t.measures["usd"] for t in plan.territories if t.territory_id != alone]
    assert max(others) - min(others) <= 2.0
    assert any("u0000 alone carries" in sentence for sentence in plan.what_binds)
    assert plan.max_deviation_share > 0.5


def test_two_measures_are_held_at_once() -> None:
    """A second rule is obeyed where both can be: west has the dollars, east the work, and cuts go east to west."""
    market = grid(4, 12)
    usd = [3.0 if c < 6 else 1.0 for r in range(4) for c in range(12)]
    work = [1.0 if c < 6 else 3.0 for r in range(4) for c in range(12)]
    rules = [BalanceRule("usd", 0.1), BalanceRule("work", 0.1)]
    problem = market.problem(2, rules=rules, measures={"usd": usd, "work": work})
    plan = solved(problem)
    assert verify(problem, plan) == []
    for territory in plan.territories:
        assert territory.measures["usd"] == pytest.approx(48.0, rel=0.1)
        assert territory.measures["work"] == pytest.approx(48.0, rel=0.1)


def test_the_default_effort_is_never_worse_than_the_quick_one() -> None:
    """More proposals and polish do not give a worse objective on a market with lumps."""
    problem = random_map(11, 60, heaviest=40).problem(5, tolerance=0.05)
    thorough = solve(problem)
    assert isinstance(thorough, Plan)
    assert thorough.objective <= solved(problem).objective + 1e-9
