"""Land, water and seats: which components get whole seats, what joins whom, and what is reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_maps import grid, joined

from pipelines.territories.areas import largest_remainder, seat_entitlement
from pipelines.territories.plan import NoPlan, Plan
from pipelines.territories.problem import BalanceRule, Problem
from pipelines.territories.solve import solve
from pipelines.territories.stop import Stop
from pipelines.territories.verify import verify

MAINLAND = grid(5, 8)
PENINSULA = grid(4, 5, prefix="v", west=-90.0)
ISLAND = grid(1, 2, prefix="w", west=-95.0)


def plan_of(problem: Problem) -> Plan:
    plan = solve(problem, stop=Stop.quick())
    assert isinstance(plan, Plan)
    assert verify(problem, plan) == []
    return plan


@given(loads=st.lists(st.floats(0.1, 100), min_size=1, max_size=8), extra=st.integers(0, 30))
def test_largest_remainder_gives_every_seat_and_never_less_than_one(loads: list[float], extra: int) -> None:
    """Whole seats sum to what there is, each at least one, and stay within one of the exact share where that allows."""
    seats = len(loads) + extra
    given_seats = largest_remainder(np.array(loads), seats)
    assert given_seats.sum() == seats
    assert given_seats.min() >= 1
    exact = np.array(loads) / sum(loads) * seats
    if (exact >= 1).all():
        assert (abs(given_seats - exact) < 1).all()


def test_two_mainlands_get_whole_seats_and_no_territory_reaches_over() -> None:
    """40 units and 20 units share 3 seats as 2 and 1."""
    market = joined(MAINLAND, PENINSULA, edges=[("u0007", "v0000", "bridge")])
    plan = plan_of(market.problem(3))
    owners = {t: {u[0] for u, o in plan.assignment.items() if o == t} for t in set(plan.assignment.values())}
    assert sorted(map(len, owners.values())) == [1, 1, 1]
    assert plan.bridge_units == frozenset()


def test_whole_seats_that_bind_are_said() -> None:
    """40 and 20 units on 4 seats cannot be equal; the plan says by how much each side starts off the mean."""
    plan = plan_of(joined(MAINLAND, PENINSULA).problem(4))
    assert any("is due 2.67 seats and has 3" in sentence for sentence in plan.what_binds)
    assert any("is due 1.33 seats and has 1" in sentence for sentence in plan.what_binds)


def test_an_island_joins_over_its_bridge_and_is_reported_apart() -> None:
    """Two island units belong to one mainland territory: contiguous by policy, two land pieces, named as bridged."""
    market = joined(MAINLAND, ISLAND, edges=[("u0003", "w0000", "bridge")])
    plan = plan_of(market.problem(2))
    territory = plan.territory(plan.assignment["w0000"])
    assert plan.bridge_units == {"w0000", "w0001"}
    assert (territory.components, territory.is_contiguous) == (2, True)


def test_an_island_without_any_bridge_is_linked_to_the_nearest_land_and_said() -> None:
    """Nothing is lost for want of an edge: the island is linked, and the link is reported."""
    plan = plan_of(joined(MAINLAND, ISLAND).problem(2))
    assert len(plan.links) == 1
    assert {unit[0] for unit in plan.links[0]} == {"u", "w"}
    assert any("nothing joins" in sentence for sentence in plan.what_binds)


def test_the_island_flag_outranks_the_load() -> None:
    """A component that geography calls an island gets no seat, however much it carries."""
    heavy = joined(
        MAINLAND, grid(1, 2, [20.0, 20.0], prefix="w", west=-95.0), edges=[("u0003", "w0000", "bridge")]
    )
    flags = [unit.startswith("w") for unit in heavy.ids]
    assert isinstance(solve(heavy.problem(1)), NoPlan)
    flagged = plan_of(heavy.problem(1, is_island=flags))
    assert (flagged.territories[0].units, flagged.territories[0].components) == (42, 2)


def test_too_few_seats_for_the_land_is_an_answer() -> None:
    """Two mainlands and one seat: no plan, with the reason and what would help."""
    answer = solve(joined(MAINLAND, grid(4, 5, [2.0] * 20, prefix="v", west=-90.0)).problem(1))
    assert isinstance(answer, NoPlan)
    assert "2 separate land areas" in answer.reason
    assert answer.is_proven


def test_entitlement_counts_opportunity_not_units() -> None:
    """Seats are due by load: forty empty units are due less than twenty full ones."""
    market = joined(grid(5, 8, [1.0] * 40), grid(4, 5, [8.0] * 20, prefix="v", west=-90.0))
    assert seat_entitlement(market.problem(5)) == pytest.approx({0: 1.0, 1: 4.0})


def test_an_edge_given_as_bridge_and_as_border_is_a_border() -> None:
    """The stronger kind wins, so a pair listed twice does not become an island."""
    problem = Problem.build(
        ["a", "b"], {"n": [1, 1]}, [BalanceRule("n", 0.5)], 1, [("a", "b", "bridge"), ("b", "a", "exact")]
    )
    assert not problem.is_bridge.any()
    assert problem.land_component.tolist() == [0, 0]


def test_seats_that_land_has_no_units_for_go_elsewhere() -> None:
    """One island-sized unit worth three of four seats can hold one; the other three go to the mainland."""
    plan = plan_of(joined(grid(4, 4), grid(1, 1, [48.0], prefix="v", west=-90.0)).problem(4))
    assert len({owner for unit, owner in plan.assignment.items() if unit.startswith("u")}) == 3


def test_locks_that_leave_no_seat_for_other_land_are_an_answer() -> None:
    """Two territories locked to one mainland and two seats: the other mainland has none left, and that is said."""
    market = joined(MAINLAND, PENINSULA)
    answer = solve(market.problem(2, locks={"u0000": "T01", "u0407": "T02"}))
    assert isinstance(answer, NoPlan)
    assert "one side of the water" in answer.reason
