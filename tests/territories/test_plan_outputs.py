"""From a plan to its tables: shapes of the contract, names that stay, changes with their reasons."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from small_maps import Market, StraightLine, grid

from pipelines.territories.changes import moved_opportunity_share, plan_changes, standings
from pipelines.territories.names import next_territory_ids, territory_names
from pipelines.territories.plan import Plan
from pipelines.territories.problem import ActivePlan, Problem
from pipelines.territories.solve import solve
from pipelines.territories.tables import PlanTables, plan_tables
from quality.table_registry import TABLES


class SlowTravel(StraightLine):
    def minutes(self, lat1, lon1, lat2, lon2):  # type: ignore[no-untyped-def]
        return self.miles(lat1, lon1, lat2, lon2) * 2.0


@pytest.fixture
def market() -> Market:
    return grid(4, 8, [float(1 + i % 5) for i in range(32)])


def totals(market: Market) -> pd.DataFrame:
    load = list(market.load)
    return pd.DataFrame(
        {
            "unit_id": market.ids,
            "addressable_usd": load,
            "procedures": [v / 2 for v in load],
            "patients": [3] * len(load),
            "accounts": [2] * len(load),
        }
    )


def tables_of(market: Market, problem: Problem, plan: Plan, refresh_id: str = "market.2026-01") -> PlanTables:
    names = {t.territory_id: f"Place {t.territory_id}" for t in plan.territories}
    return plan_tables(
        problem, plan, refresh_id=refresh_id, totals=totals(market), names=names, minutes=SlowTravel().minutes
    )


@pytest.fixture
def planned(market: Market) -> tuple[Problem, Plan]:
    problem = market.problem(3, area_sq_miles=[30.0] * 32)
    plan = solve(problem)
    assert isinstance(plan, Plan)
    return problem, plan


def test_the_tables_are_those_of_the_contract(market: Market, planned: tuple[Problem, Plan]) -> None:
    """Names and types equal the registered shapes; sums over territories equal sums over units."""
    tables = tables_of(market, *planned)
    for name, table in tables.by_name().items():
        assert table.schema == TABLES[f"territories/{name}"].schema, name
    territory, units = tables.territory.to_pandas(), tables.unit_assignment.to_pandas()
    assert territory["addressable_usd"].sum() == pytest.approx(sum(market.load))
    assert territory["units"].sum() == len(units) == 32
    assert territory["patients"].sum() == 96
    assert territory["balance_index"].mean() == pytest.approx(100.0)
    assert units["drive_minutes"].tolist() == pytest.approx((units["drive_miles"] * 2).tolist())
    plan = tables.plan.to_pandas().iloc[0]
    assert plan["plan_id"] == territory["plan_id"].iloc[0]
    assert plan["bound"] <= plan["objective"]
    assert tables.plan_change.num_rows == 0
    assert tables.facts["areas"] == [["T01", "T02", "T03"]]


def test_compactness_compares_with_a_disc_of_the_same_area(planned: tuple[Problem, Plan]) -> None:
    """Worked by hand: two thirds of the radius of the equal disc, over the mean drive."""
    _, plan = planned
    for territory in plan.territories:
        radius = math.sqrt(territory.units * 30.0 / math.pi)
        assert territory.compactness == pytest.approx(2 / 3 * radius / territory.mean_drive_miles)


def test_a_rebuild_lists_what_changed_hands_and_why(market: Market, planned: tuple[Problem, Plan]) -> None:
    """Rows of plan_change equal the moved units, their opportunity equals the disruption, reasons carry figures."""
    _, first = planned
    grown = market.with_load([v * (2.0 if i < 8 else 1.0) for i, v in enumerate(market.load)])
    active = ActivePlan(first.assignment, {t.territory_id: t.seat_unit_id for t in first.territories})
    problem = grown.problem(3, active=active)
    plan = solve(problem)
    assert isinstance(plan, Plan)
    tables = tables_of(grown, problem, plan, "market.2026-02")
    changes = tables.plan_change.to_pandas()
    row = tables.plan.to_pandas().iloc[0]
    assert len(changes) == row["moved_units"] > 0
    opportunity = dict(zip(grown.ids, grown.load, strict=True))
    assert moved_opportunity_share(changes, opportunity) == pytest.approx(row["moved_opportunity_share"])
    assert changes["reason"].str.startswith("balance: T").all()
    assert (changes["from_territory_id"] != changes["to_territory_id"]).all()


def test_reasons_name_territories_that_come_and_go() -> None:
    """A unit of a dissolved territory and one of a new territory say so; a new unit is no change of hands."""
    before = {"a": "T01", "b": "T02", "c": "T02"}
    after = {"a": "T03", "b": "T01", "c": "T03", "d": "T01"}
    changes = plan_changes(before, after, {"a": 1.0, "b": 2.0, "c": 3.0, "d": 9.0})
    assert dict(zip(changes["unit_id"], changes["reason"], strict=True)) == {
        "a": "T03 is new",
        "b": "T02 was dissolved",
        "c": "T02 was dissolved",
    }
    assert standings(before, {"a": 1.0, "b": 2.0, "c": 3.0}) == pytest.approx(
        {"T01": 100 / 3, "T02": 500 / 3}
    )


def test_ids_go_on_above_the_highest_and_never_come_back() -> None:
    """The number of a dissolved territory is not given to another."""
    assert next_territory_ids([], 3) == ["T01", "T02", "T03"]
    assert next_territory_ids({"T01", "T07", "east"}, 2) == ["T08", "T09"]


def test_names_come_from_the_places_that_weigh_most_and_stay() -> None:
    """Metropolitan area first, rural state where there is none, never the same name twice, and names survive."""
    labels = pd.DataFrame(
        {
            "unit_id": ["a", "b", "c", "d", "e"],
            "cbsa_name": ["Portland, ME", "Portland, ME", None, "Portland, ME", "Concord, NH"],
            "state": ["ME", "ME", "VT", "ME", "NH"],
            "weight": [5.0, 1.0, 3.0, 4.0, 2.0],
        }
    )
    owners = {"a": "T01", "b": "T02", "c": "T02", "d": "T03", "e": "T03"}
    names = territory_names(owners, labels)
    assert names == {"T01": "Portland, ME", "T02": "VT rural", "T03": "Portland, ME & Concord, NH"}
    swapped = {"a": "T02", "b": "T01", "c": "T01", "d": "T03", "e": "T04"}
    assert territory_names(swapped, labels, names) == names | {"T04": "Concord, NH"}
