"""The engine on real maps: ZCTAs of ME NH VT WV and all counties, weighted by population."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from small_maps import Market

from pipelines.territories.plan import Plan
from pipelines.territories.solve import solve
from pipelines.territories.stop import Stop
from pipelines.territories.verify import verify


def read_map(places: Path, borders: Path, key: str, ends: tuple[str, str], states: set[str] | None) -> Market:
    with places.open(newline="", encoding="utf-8") as handle:
        rows = [r for r in csv.DictReader(handle) if states is None or r["Primary County"][:2] in states]
    ids = {row[key] for row in rows}
    delimiter = "\t" if borders.suffix == ".tsv" else ","
    with borders.open(newline="", encoding="utf-8") as handle:
        pairs = [(r[ends[0]], r[ends[1]], "exact") for r in csv.DictReader(handle, delimiter=delimiter)]
    return Market(
        tuple(row[key] for row in rows),
        tuple(float(row["Population"] or 0) for row in rows),
        tuple(float(row["Latitude"]) for row in rows),
        tuple(float(row["Longitude"]) for row in rows),
        tuple(pair for pair in pairs if pair[0] in ids and pair[1] in ids),
    )


def report(name: str, market: Market, plan: Plan, cpu: float) -> None:
    print(
        f"\n{name}: {len(market.ids)} units, {len(plan.territories)} territories, {cpu:.1f} CPU s, "
        f"mean drive {plan.travel_miles:.2f} miles, bound {plan.bound:.2f} ({plan.bound_kind}), "
        f"gap {plan.gap_share:.2%}, largest deviation {plan.max_deviation_share:.2%}, "
        f"{len(plan.bridge_units)} units over links"
    )
    for sentence in plan.what_binds:
        print(f"  binds: {sentence}")


@pytest.mark.shared
def test_eight_territories_of_four_states_on_the_true_zcta_map(shared_data: Path) -> None:
    """1,676 ZCTAs in two mainlands: whole, within the band of their area, and within 1 % of the proven bound."""
    folder = shared_data / "geography"
    market = read_map(
        folder / "zctas.csv",
        folder / "zcta_adjacency_2010.csv",
        "ZCTA5",
        ("zcta_a", "zcta_b"),
        {"23", "33", "50", "54"},
    )
    problem = market.problem(8, 0.05)
    start = time.process_time()
    plan = solve(problem)
    assert isinstance(plan, Plan)
    report("ZCTAs of ME NH VT WV", market, plan, time.process_time() - start)
    assert verify(problem, plan) == []
    assert all(territory.is_contiguous and not territory.excess_shares for territory in plan.territories)
    assert plan.gap_share is not None
    assert plan.gap_share < 0.01
    assert sum("whole seats" in sentence for sentence in plan.what_binds) == 2


@pytest.mark.shared
def test_thirty_territories_of_all_counties(shared_data: Path) -> None:
    """3,235 counties of the nation with little effort: whole, within 5 % of the mean, within 3 % of the bound."""
    folder = shared_data / "geography"
    market = read_map(
        folder / "counties.csv",
        folder / "county_adjacency.tsv",
        "GEOID",
        ("county_id", "adjacent_county_id"),
        None,
    )
    problem = market.problem(30, 0.05)
    start = time.process_time()
    plan = solve(problem, stop=Stop.quick())
    assert isinstance(plan, Plan)
    report("counties", market, plan, time.process_time() - start)
    assert verify(problem, plan) == []
    assert plan.max_deviation_share < 0.0501
    assert plan.gap_share is not None
    assert plan.gap_share < 0.03
