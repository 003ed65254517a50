"""Story V3, and what access rests on: 40 surgeons are 25 that can be reached, where the work is done, from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from access_lakes import MadeMarket, Site, Work, lock
from compiled_models import CompiledModels
from dbt_runs import Build, Warehouse

from pipelines.quotas.allocate import allocate_quotas
from pipelines.quotas.rule import QuotaRule
from pipelines.territories.inputs import territory_products

SURGEONS = [f"10000{number:05d}" for number in range(80)]
EAST, WEST = SURGEONS[:40], SURGEONS[40:]
MODELS = ("fct_unit_potential", "fct_access", "fct_surgeon_access", "mart_access", "mart_phantom")


def market(*rules: dict[str, object], later: tuple[date, ...] = ()) -> MadeMarket:
    """East: 40 surgeons of 20 operations, 9 at a hospital of the system N, 6 at one of S. West: 40 of 20 in the open."""
    sites = [Site("3000000001", "10001"), Site("3000000002", "10002", "N"), Site("3000000003", "10003", "S")]
    sites.append(Site("3000000004", "10004"))
    place = ["3000000002"] * 9 + ["3000000003"] * 6 + ["3000000001"] * 25
    work = [Work(npi, site, 20) for npi, site in zip(EAST, place, strict=True)]
    work += [Work(npi, "3000000004", 20) for npi in WEST]
    territories = {"east": ["10001", "10002", "10003"], "west": ["10004"]}
    return MadeMarket(sites, work, rules, territories=territories, later=later)


LOCKS = (lock("L1", "health_system", "N"), lock("L2", "facility", "3000000003", reason="no_rep_policy"))


def frames(
    warehouse: Warehouse, lake: Path, made: MadeMarket, names: tuple[str, ...] = MODELS
) -> dict[str, pd.DataFrame]:
    made.write(lake)
    with CompiledModels(warehouse.compiled_in_full, warehouse.lake, lake) as models:
        return {name: models.frame(name).pipe(in_order) for name in names}


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table in an order of their own: a table has none."""
    return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.fixture(scope="module")
def locked(
    warehouse: Warehouse, golden: Build, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    return frames(warehouse, tmp_path_factory.mktemp("locked") / "lake", market(*LOCKS))


@pytest.fixture(scope="module")
def unlocked(
    warehouse: Warehouse, golden: Build, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    return frames(warehouse, tmp_path_factory.mktemp("open") / "lake", market())


def test_forty_surgeons_are_twenty_five_that_can_be_reached(locked: dict[str, pd.DataFrame]) -> None:
    """East counts 800 operations of 40 surgeons; 500 of 25 can be won, 300 of 15 are phantom."""
    surgeons = locked["fct_surgeon_access"].set_index("npi").loc[EAST]
    assert surgeons["access_class"].value_counts().to_dict() == {"addressable": 25, "locked_out": 15}
    east = locked["mart_access"].query("scope_id == 'east'").iloc[0]
    assert (east["surgeons"], east["addressable_surgeons"]) == (40, 25)
    units = locked["fct_unit_potential"].set_index("unit_id")
    of_east = units.loc[["10001", "10002", "10003"]]
    assert of_east[["total_usd", "addressable_usd", "phantom_usd", "unknown_usd"]].sum().tolist() == [
        800_000,
        500_000,
        300_000,
        0,
    ]


def test_the_phantom_list_has_fifteen_rows_and_names_the_systems(locked: dict[str, pd.DataFrame]) -> None:
    """Nine behind the system N's contract, six at the hospital of S that receives no representatives."""
    for phantom in (
        locked["fct_surgeon_access"].query("access_class != 'addressable'"),
        locked["mart_phantom"],
    ):
        assert sorted(phantom["npi"]) == EAST[:15]
        systems = phantom.set_index("npi")["locked_systems"]
        assert set(systems[EAST[:9]]) == {"System N"}
        assert set(systems[EAST[9:15]]) == {"System S"}
        assert phantom["phantom_usd"].sum() == 300_000
    assert set(locked["mart_phantom"]["locked_reasons"]) == {"competitor_contract", "no_rep_policy"}


def test_systems_show_status_reason_source_and_dollars(locked: dict[str, pd.DataFrame]) -> None:
    """N: 9 surgeons, 180,000 in phantom; total = addressable + phantom + unknown in each row, each level, and all."""
    access = locked["fct_access"].set_index(["scope_kind", "scope_id"])
    system = access.loc[("health_system", "N")]
    assert (system["access_status"], system["reason"]) == ("locked", "competitor_contract")
    assert (system["source"], system["rules"], system["surgeons"]) == ("contract database", "L1", 9)
    assert (system["total_usd"], system["phantom_usd"]) == (180_000, 180_000)
    assert (
        access["total_usd"] == access["addressable_usd"] + access["phantom_usd"] + access["unknown_usd"]
    ).all()
    for kind in ("facility", "health_system"):
        assert (
            access.loc[kind]["total_usd"].sum()
            == locked["fct_unit_potential"]["total_usd"].sum()
            == 1_600_000
        )
    published = locked["mart_access"].set_index(["scope_kind", "scope_id"])
    assert published.loc[("health_system", "N"), "scope_name"] == "System N"
    # Rounded to 22 operations at 1,000: 500 and 300 thousand are 506 and 308.
    assert published.loc[("territory", "east"), "addressable_usd"] == 506_000
    assert published.loc[("territory", "east"), "phantom_usd"] == 308_000
    assert published.loc[("territory", "east"), "total_usd"] == 814_000


def quotas(tables: dict[str, pd.DataFrame]) -> dict[str, Decimal]:
    assignment = pd.DataFrame(
        [("10001", "east"), ("10002", "east"), ("10003", "east"), ("10004", "west")],
        columns=["unit_id", "territory_id"],
    )
    held = territory_products(tables["fct_unit_potential"], assignment)
    territories = held.groupby("territory_id", as_index=False)["addressable_usd"].sum()
    rule = QuotaRule(weight_potential=1, weight_history=0, floor_share=0, cap_share=9, max_change_share=9)
    table = allocate_quotas(territories, Decimal("1300000.00"), rule)
    return dict(zip(table["territory_id"], table["quota_usd"], strict=True))


def test_the_quota_falls_with_what_can_be_reached(
    locked: dict[str, pd.DataFrame], unlocked: dict[str, pd.DataFrame]
) -> None:
    """Halves of 1.3 million while all is open; 500 to 800 once fifteen surgeons of East are locked out."""
    assert quotas(unlocked) == {"east": Decimal("650000.00"), "west": Decimal("650000.00")}
    assert quotas(locked) == {"east": Decimal("500000.00"), "west": Decimal("800000.00")}


def test_six_of_ten_at_a_locked_hospital_leave_forty_percent(
    warehouse: Warehouse, golden: Build, tmp_path: Path
) -> None:
    """One surgeon, 60 at a locked hospital and 40 at an open centre: exactly 40 % addressable, and partly on the list."""
    sites = [Site("3000000001", "10001", "N"), Site("3000000002", "10001")]
    work = [Work("1000000001", "3000000001", 60), Work("1000000001", "3000000002", 40)]
    tables = frames(warehouse, tmp_path / "lake", MadeMarket(sites, work, [lock("L1", "health_system", "N")]))
    (surgeon,) = tables["fct_surgeon_access"].itertuples()
    assert (surgeon.addressable_share, surgeon.access_class, surgeon.locked_accounts) == (0.4, "partly", 1)
    assert (surgeon.total_usd, surgeon.addressable_usd, surgeon.phantom_usd) == (100_000, 40_000, 60_000)


LOCKED_FROM = date(2025, 5, 1)
DATED = lock("L1", "health_system", "N", effective_from=LOCKED_FROM)


@pytest.mark.parametrize(("known_on", "is_locked"), [(date(2025, 4, 30), False), (LOCKED_FROM, True)])
def test_a_status_changes_plans_from_its_day_on_only(
    warehouse: Warehouse, golden: Build, tmp_path: Path, known_on: date, is_locked: bool
) -> None:
    """A lock of 1 May: on 30 April all that a plan is made of is as without the rule; from 1 May 180,000 are lost."""
    names = ("fct_unit_potential", "int_access__history", "fct_access")
    with_rule = frames(warehouse, tmp_path / "rule", market(DATED, later=(known_on,)), names)
    without = frames(warehouse, tmp_path / "none", market(later=(known_on,)), names)
    assert with_rule["fct_unit_potential"].equals(without["fct_unit_potential"]) != is_locked
    assert with_rule["fct_unit_potential"]["phantom_usd"].sum() == (180_000 if is_locked else 0)
    history = with_rule["int_access__history"]
    assert history[["site_npi", "access_status"]].values.tolist() == [["3000000002", "locked"]]
    assert history["effective_from"].dt.date.tolist() == [LOCKED_FROM]
