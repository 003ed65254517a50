"""Golden story V1: Nebraska's 50 ZIPs against Houston's 10."""

from __future__ import annotations

import pytest
from small_maps import Market, grid, joined

from pipelines.territories.areas import seat_entitlement
from pipelines.territories.plan import Plan
from pipelines.territories.problem import BalanceRule, Problem
from pipelines.territories.solve import solve
from pipelines.territories.verify import verify

NEBRASKA_ZIPS, HOUSTON_ZIPS = 50, 10
NEBRASKA_USD, HOUSTON_USD = 60_000.0, 1_700_000.0


@pytest.fixture
def market() -> Market:
    """Rural ZIPs with little in each, city ZIPs with much: 3.0 and 17.0 million for 4 reps. They do not touch."""
    nebraska = grid(5, 10, [NEBRASKA_USD] * NEBRASKA_ZIPS, prefix="68")
    houston = grid(2, 5, [HOUSTON_USD] * HOUSTON_ZIPS, prefix="77", west=-95.4)
    return joined(nebraska, houston)


def reps_due(market: Market, measure: str) -> tuple[float, float]:
    """Fractional reps that a measure makes Nebraska and Houston due."""
    measures = {"usd": market.load, "zips": [1.0] * len(market.ids)}
    problem = market.problem(4, rules=[BalanceRule(measure, 0.1)], measures=measures)
    due = seat_entitlement(problem)
    return due[0], due[1]


def test_zip_counts_call_it_the_wrong_way_round(market: Market) -> None:
    """By number of ZIPs Nebraska would be due more than three reps of four and Houston less than one."""
    nebraska, houston = reps_due(market, "zips")
    assert nebraska == pytest.approx(50 / 60 * 4)
    assert houston < 1 < nebraska


def test_opportunity_gives_houston_more_than_one_rep_and_nebraska_less(market: Market) -> None:
    """By addressable opportunity Houston is due 3.4 reps and Nebraska 0.6, and the plan seats them so."""
    nebraska, houston = reps_due(market, "usd")
    assert (nebraska, houston) == (pytest.approx(0.6), pytest.approx(3.4))
    problem: Problem = market.problem(4, 0.15)
    plan = solve(problem)
    assert isinstance(plan, Plan)
    assert verify(problem, plan) == []
    reps = {place: {t for u, t in plan.assignment.items() if u.startswith(place)} for place in ("68", "77")}
    assert (len(reps["68"]), len(reps["77"])) == (1, 3)
