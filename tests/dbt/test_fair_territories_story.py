"""Stories V1 and V2 from claims on: fair means equal in what can be won, not in the number of places."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from access_lakes import OTHER_CODE, MadeMarket, Site, Work, lock
from compiled_models import CompiledModels
from dbt_runs import Build, Warehouse

from pipelines.territories.areas import seat_entitlement
from pipelines.territories.inputs import unit_totals
from pipelines.territories.plan import Plan
from pipelines.territories.problem import BalanceRule, Problem
from pipelines.territories.solve import solve
from pipelines.territories.verify import verify

NEBRASKA = [f"68{number:03d}" for number in range(50)]
HOUSTON = [f"77{number:03d}" for number in range(10)]
REPS = 4


class Straight:
    """Miles as degrees: the story is not about travel."""

    def miles(self, lat1: object, lon1: object, lat2: object, lon2: object) -> object:
        return 60 * (abs(lat1 - lat2) + abs(lon1 - lon2))  # type: ignore[operator]


def rural_and_urban() -> MadeMarket:
    """A surgeon and a hospital per ZIP: 1 operation in each of Nebraska's 50, 28 in Houston's 10, and a locked one."""
    sites = [Site(f"30{place}000", place) for place in (*NEBRASKA, *HOUSTON)]
    locked = Site("3099999999", HOUSTON[0], "N")
    work = [Work(f"10{site.unit_id}000", site.npi, 28 if site.unit_id in HOUSTON else 1) for site in sites]
    work.append(Work("1099999999", locked.npi, 5))
    return MadeMarket([*sites, locked], work, [lock("L1", "health_system", "N")])


@pytest.fixture(scope="module")
def problem(warehouse: Warehouse, golden: Build, tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """From the claims of the lake over the compiled models to the territory engine's problem."""
    import pandas as pd

    lake = tmp_path_factory.mktemp("nebraska") / "lake"
    rural_and_urban().write(lake)
    with CompiledModels(warehouse.compiled_in_full, warehouse.lake, lake) as models:
        potential = models.frame("fct_unit_potential")
    units = pd.DataFrame({"unit_id": [*NEBRASKA, *HOUSTON]})
    totals = unit_totals(units, potential).frame.set_index("unit_id").loc[units["unit_id"]]
    assert totals["phantom_usd"].sum() == 5_000
    edges = [(a, b, "exact") for places in (NEBRASKA, HOUSTON) for a, b in itertools.pairwise(places)]
    return Problem.build(
        units["unit_id"].tolist(),
        {"addressable_usd": totals["addressable_usd"].to_numpy(float), "zips": [1.0] * len(units)},
        [BalanceRule("addressable_usd", 0.15)],
        REPS,
        edges,
        latitude=[41.0 + 0.1 * n for n in range(50)] + [29.7 + 0.1 * n for n in range(10)],
        longitude=[-99.0] * 50 + [-95.4] * 10,
        travel=Straight(),  # type: ignore[arg-type]
    )


def reps_due(problem: Problem, measure: str) -> tuple[float, float]:
    """Fractional reps that a measure makes Nebraska and Houston due."""
    due = seat_entitlement(
        Problem.build(
            list(problem.unit_ids),
            {measure: problem.measures[measure]},
            [BalanceRule(measure, 0.15)],
            REPS,
            [(a, b, "exact") for places in (NEBRASKA, HOUSTON) for a, b in itertools.pairwise(places)],
        )
    )
    return due[0], due[1]


def test_houston_is_due_more_than_a_rep_and_nebraska_less(problem: Problem) -> None:
    """50 and 280 operations that can be won: 0.6 and 3.4 reps of four, and the plan seats one and three."""
    assert reps_due(problem, "addressable_usd") == (pytest.approx(50 / 330 * 4), pytest.approx(280 / 330 * 4))
    plan = solve(problem)
    assert isinstance(plan, Plan)
    assert verify(problem, plan) == []
    reps = {
        start: {t for unit, t in plan.assignment.items() if unit.startswith(start)} for start in ("68", "77")
    }
    assert (len(reps["68"]), len(reps["77"])) == (1, 3)


def test_zip_counts_say_the_opposite(problem: Problem) -> None:
    """By number of ZIPs Nebraska would be due 3.3 reps, Houston 0.7."""
    nebraska, houston = reps_due(problem, "zips")
    assert houston < 1 < nebraska


def eighty_and_four_hundred() -> MadeMarket:
    """City: 80 surgeons of 15 operations at two hospitals. Plains: 400 practices with a person each, of whom 40 do 3 that
    can be won, 100 do them behind a locked system's doors, 200 do something else, and 60 do nothing."""
    city = [Site("3000000001", "10001"), Site("3000000002", "10002")]
    work = [Work(f"10000{number:05d}", city[number % 2].npi, 15) for number in range(80)]
    plains = [Site(f"31{number:08d}", "20001", "N" if 40 <= number < 140 else None) for number in range(400)]
    for number, site in enumerate(plains[:340]):
        code = {"code": OTHER_CODE} if number >= 140 else {}
        work.append(Work(f"11{number:08d}", site.npi, 3, **code))
    idle = [(f"11{number:08d}", "20001") for number in range(340, 400)]
    return MadeMarket(
        [*city, *plains],
        work,
        [lock("L1", "health_system", "N")],
        idle,
        {"city": ["10001", "10002"], "plains": ["20001"]},
    )


def test_eighty_surgeons_outweigh_four_hundred_accounts(
    warehouse: Warehouse, golden: Build, tmp_path: Path
) -> None:
    """Listed 80 and 400: by that the plains are the larger territory. Effective 80 and 40, and dollars 10 : 1."""
    lake = tmp_path / "lake"
    eighty_and_four_hundred().write(lake)
    with CompiledModels(warehouse.compiled_in_full, warehouse.lake, lake) as models:
        scorecard = models.frame("mart_territory_scorecard").set_index("territory_id")
        reach = models.frame("mart_access").query("scope_kind == 'territory'").set_index("scope_id")
    assert scorecard["listed_accounts"].to_dict() == {"city": 80, "plains": 400}
    assert scorecard["effective_accounts"].to_dict() == {"city": 80, "plains": 40}
    assert reach["addressable_surgeons"].to_dict() == {"city": 80, "plains": 40}
    assert reach["surgeons"].to_dict() == {"city": 80, "plains": 140}
