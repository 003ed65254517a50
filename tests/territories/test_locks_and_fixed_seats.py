"""What people pin: locked units, forbidden pairs, seats at the homes of reps; and what happens when it cannot be."""

from __future__ import annotations

import pytest
from small_maps import grid

from pipelines.territories.plan import NoPlan, Plan
from pipelines.territories.problem import BalanceRule, FixedSeat, Problem
from pipelines.territories.solve import solve
from pipelines.territories.stop import Stop
from pipelines.territories.verify import verify

MARKET = grid(6, 8)


def plan_of(problem: Problem) -> Plan:
    plan = solve(problem, stop=Stop.quick())
    assert isinstance(plan, Plan), plan
    assert verify(problem, plan) == []
    return plan


def test_locked_and_forbidden_units_are_where_they_must_be() -> None:
    """A lock keeps a unit in a territory from across the map; a ban keeps one out."""
    free = plan_of(MARKET.problem(3))
    far = next(
        t for t in ("T01", "T02", "T03") if t not in (free.assignment["u0000"], free.assignment["u0007"])
    )
    locks = {"u0000": far, "u0507": free.assignment["u0507"]}
    plan = plan_of(MARKET.problem(3, 0.2, locks=locks, forbidden=[("u0300", "T01")]))
    assert plan.assignment["u0000"] == far
    assert plan.assignment["u0300"] != "T01"
    assert "2 units are locked" in plan.what_binds


def test_locks_apart_are_linked_because_a_lock_outranks_contiguity() -> None:
    """Opposite corners locked to one territory: the plan obeys, and shows the link that makes it whole."""
    plan = plan_of(MARKET.problem(3, 0.3, locks={"u0000": "T01", "u0507": "T01"}))
    assert plan.assignment["u0000"] == plan.assignment["u0507"] == "T01"
    assert plan.links == (("u0000", "u0507"),)


def test_a_territory_that_only_a_ban_names_is_not_made() -> None:
    """Where no plan is in force, a ban on T01 cannot be about a territory that is only now given a name."""
    plan = plan_of(MARKET.problem(2, forbidden=[("u0000", "T01"), ("u0507", "T02")]))
    assert [t.territory_id for t in plan.territories] == ["T03", "T04"]


def test_locks_hold_for_units_above_the_band_too() -> None:
    """Two large units locked to one territory stay there, though each alone would deserve a seat."""
    market = grid(4, 5, [40.0] + [1.0] * 18 + [40.0])
    plan = plan_of(market.problem(3, locks={"u0000": "T01", "u0304": "T01"}))
    assert plan.assignment["u0000"] == plan.assignment["u0304"] == "T01"


def test_fixed_seats_stay_and_may_have_unequal_targets() -> None:
    """Reps' homes as seats: they do not move, and a half-time seat gets half of the load."""
    seats = [
        FixedSeat("full", unit_id="u0101"),
        FixedSeat("half", latitude=40.45, longitude=-99.35, weight=0.5),
    ]
    plan = plan_of(MARKET.problem(seats, 0.05))
    assert plan.territory("full").measures["usd"] == pytest.approx(32, abs=2)
    assert plan.territory("half").measures["usd"] == pytest.approx(16, abs=2)
    assert plan.territory("full").seat_unit_id == "u0101"
    assert plan.territory("half").seat_latitude == 40.45


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seats": 0}, "0 seats for 48 units"),
        ({"seats": 49}, "49 seats for 48 units"),
        ({"measures": {"usd": [0.0] * 48}}, "zero in every unit"),
        ({"measures": {"usd": [1.0] * 47 + [-1.0]}}, "of unit u0507 is not a number"),
        ({"measures": {"usd": [1.0] * 47 + [float("nan")]}}, "of unit u0507 is not a number"),
        ({"locks": {"nowhere": "T01"}}, "locked unit nowhere is not among the units"),
        ({"locks": {"u0000": "T01"}, "forbidden": [("u0000", "T01")]}, "unit u0000 is barred"),
        ({"locks": {f"u000{i}": f"T{i}" for i in range(5)}}, "locks name 5 territories"),
    ],
)
def test_what_cannot_be_met_is_answered_in_plain_words(given: dict, words: str) -> None:
    """Infeasible input gives a reason and a remedy, never an exception."""
    given = dict(given)
    answer = solve(MARKET.problem(given.pop("seats", 3), **given))
    assert isinstance(answer, NoPlan)
    assert words in answer.reason
    assert answer.remedy


def test_a_hard_rule_that_no_plan_meets_is_refused_with_the_closest_plan() -> None:
    """One unit larger than the band proves that no plan exists; the nearest thing is handed along."""
    market = grid(3, 4, [50.0] + [1.0] * 11)
    answer = solve(market.problem(2, rules=[BalanceRule("usd", 0.1, is_hard=True)]))
    assert isinstance(answer, NoPlan)
    assert answer.is_proven
    assert answer.closest is not None
    assert "usd cannot be held within 10.0%" in answer.reason


def test_a_hard_rule_that_can_be_met_is_met() -> None:
    """On an even grid a hard half percent is no problem."""
    problem = MARKET.problem(4, rules=[BalanceRule("usd", 0.005, is_hard=True)])
    assert [t.units for t in plan_of(problem).territories] == [12, 12, 12, 12]


def test_malformed_input_is_refused_at_the_door() -> None:
    """Arrays that do not fit together are an error of the caller, said at once."""
    with pytest.raises(ValueError, match="unique"):
        Problem.build(["a", "a"], {"n": [1, 1]}, [BalanceRule("n", 0.1)], 1, [])
    with pytest.raises(ValueError, match="not given"):
        Problem.build(["a"], {"n": [1]}, [BalanceRule("m", 0.1)], 1, [])
    with pytest.raises(ValueError, match="expected 2 values"):
        Problem.build(["a", "b"], {"n": [1]}, [BalanceRule("n", 0.1)], 1, [])
