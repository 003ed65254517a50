"""The checker must find faults: each kind of damage to a good plan is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_maps import grid, joined

from pipelines.territories.plan import Plan
from pipelines.territories.problem import BalanceRule, Problem
from pipelines.territories.solve import solve
from pipelines.territories.verify import contiguity, cover, verify


@pytest.fixture
def problem() -> Problem:
    return grid(4, 6).problem(2, locks={"u0000": "T01"})


@pytest.fixture
def plan(problem: Problem) -> Plan:
    plan = solve(problem)
    assert isinstance(plan, Plan)
    assert verify(problem, plan) == []
    return plan


def names(problem: Problem, plan: Plan) -> set[str]:
    return {violation.name for violation in verify(problem, plan)}


def test_a_unit_without_a_territory_is_found(problem: Problem, plan: Plan) -> None:
    """Losing a unit breaks the cover."""
    owners = {unit: owner for unit, owner in plan.assignment.items() if unit != "u0303"}
    assert names(problem, replace(plan, assignment=owners)) == {"unit_not_covered"}


def test_a_unit_in_the_wrong_hands_is_found_by_every_figure_it_touches(problem: Problem, plan: Plan) -> None:
    """Handing the far corner over breaks contiguity, loads, miles and the lock it carried."""
    owners = dict(plan.assignment) | {"u0000": "T02"}
    found = names(problem, replace(plan, assignment=owners))
    assert {"lock_broken", "load_wrong", "miles_wrong", "excess_wrong"} <= found
    corner = dict(plan.assignment) | {"u0305": plan.assignment["u0000"]}
    assert "territory_broken" in names(problem, replace(plan, assignment=corner))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"objective": 1.0}, "objective_wrong"),
        ({"bound": 1e6}, "bound_above_objective"),
        ({"moved_units": 3}, None),
        ({"links": (("u0000", "u0305"),)}, "needless_link"),
    ],
)
def test_a_wrong_claim_is_found(problem: Problem, plan: Plan, change: dict, name: str | None) -> None:
    """Objective, bound and links are checked; moves only where there is a plan to move from."""
    assert (
        (name in names(problem, replace(plan, **change)))
        if name
        else not names(problem, replace(plan, **change))
    )


def test_a_wrong_drive_is_found(problem: Problem, plan: Plan) -> None:
    """Miles are measured again from the seat."""
    shorter = plan.drive_miles - np.where(plan.drive_miles > 0, 0.5, 0.0)
    assert {"miles_wrong", "objective_wrong"} <= names(problem, replace(plan, drive_miles=shorter))


def test_a_seat_outside_its_territory_is_found(problem: Problem, plan: Plan) -> None:
    """The seat of a territory is one of its units."""
    first, second = plan.territories
    moved = replace(plan, territories=(replace(first, seat_unit_id=second.seat_unit_id), second))
    assert "seat_outside" in names(problem, moved)


def test_a_territory_over_two_mainlands_is_found() -> None:
    """Reaching over water is broken, and over two big components it is named as such."""
    market = joined(grid(4, 4), grid(4, 4, prefix="v", west=-90.0), edges=[("u0003", "v0000", "bridge")])
    problem = market.problem(2)
    plan = solve(problem)
    assert isinstance(plan, Plan)
    owners = dict(plan.assignment) | {"v0000": plan.assignment["u0003"]}
    assert "spans_areas" in names(problem, replace(plan, assignment=owners))


def test_a_band_wider_than_the_rule_is_found(problem: Problem, plan: Plan) -> None:
    """A plan cannot call itself balanced by stretching the band."""
    first, second = plan.territories
    stretched = replace(first, bands={"usd": (0.0, 1.0)})
    assert "band_too_wide" in names(problem, replace(plan, territories=(stretched, second)))


def test_a_hard_rule_out_of_band_is_found() -> None:
    """What the solver refuses, the checker refuses as well."""
    market = grid(3, 4, [50.0] + [1.0] * 11)
    problem = market.problem(2, rules=[BalanceRule("usd", 0.1, is_hard=True)])
    answer = solve(problem)
    assert answer.closest is not None  # type: ignore[union-attr]
    assert "hard_balance_broken" in names(problem, answer.closest)  # type: ignore[union-attr]


def test_the_predicates_work_on_plain_tables() -> None:
    """Asset checks call cover and contiguity with what they read from the lake."""
    owners = {"a": "T01", "b": "T02", "c": "T01"}
    assert [v.name for v in contiguity(owners, [("a", "b"), ("b", "c")])] == ["territory_broken"]
    assert contiguity(owners, [("a", "c")]) == []
    assert [v.name for v in cover(["a", "b", "d"], owners, ["T01", "T02", "T03"])] == [
        "empty_territory",
        "unit_not_covered",
        "unknown_unit",
    ]
