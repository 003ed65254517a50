"""Workload: tiers, travel and hours against numbers worked out by hand, and the stories V2 and V6."""

from __future__ import annotations

import random as randomness

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from pipelines.config.load import PROFILES, load_business_config
from pipelines.field_plan.field_travel import BHH_CONSTANT, going_out_minutes, mean_hop_miles
from pipelines.field_plan.tables import TERRITORY_WORKLOAD
from pipelines.field_plan.tiers import WorkloadRule, account_tiers
from pipelines.field_plan.workload import accounts_without_territory, territory_workload
from pipelines.geography.sphere import great_circle_miles
from pipelines.geography.travel import CircuityTravel
from quality.table_registry import TABLES

RULE = WorkloadRule(
    visits_per_year=(24.0, 12.0, 4.0),
    visit_minutes=(60.0, 40.0, 25.0),
    tier_a_share=0.5,
    tier_b_share=0.3,
    selling_hours_per_year=1380.0,
)
ROADS = CircuityTravel(1.4, 1.2, 60.0, 24.0, 58.0)


class MileAMinute:
    """Straight roads at 60 mph, so that miles are minutes."""

    def miles(
        self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike
    ) -> NDArray[np.float64]:
        return great_circle_miles(lat1, lon1, lat2, lon2)

    minutes = miles


def accounts_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "unit_id", "addressable_usd"])
    frame = frame.astype({"account_id": "str", "unit_id": "str", "addressable_usd": "float64"})
    return frame.assign(is_deactivated=False)


def market(*unit_rows: tuple[str, str, float, float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(unit_id, territory_id, drive_minutes, area) → assignment, units, territories, all around 40° N."""
    table = pd.DataFrame(
        unit_rows, columns=["unit_id", "territory_id", "drive_minutes", "land_area_sq_miles"]
    )
    units = table[["unit_id", "land_area_sq_miles"]].assign(
        latitude=40.0 + 0.1 * np.arange(len(table)), longitude=-100.0
    )
    territories = pd.DataFrame({"territory_id": sorted(table["territory_id"].unique())})
    territories = territories.assign(seat_latitude=40.0, seat_longitude=-100.0)
    return table[["unit_id", "territory_id", "drive_minutes"]], units, territories


def test_tiers_follow_cumulative_opportunity() -> None:
    """Tiers run down the cumulative share; whoever crosses a share is still in the upper tier; zero is none."""
    accounts = accounts_of(("e", "u", 0), ("d", "u", 10), ("a", "u", 40), ("b", "u", 30), ("c", "u", 20))
    tiers = account_tiers(accounts, RULE).set_index("account_id")["tier"].to_dict()
    assert tiers == {"a": "A", "b": "A", "c": "B", "d": "C", "e": "none"}


def test_a_deactivated_npi_is_never_an_a() -> None:
    """However much is told of it: no tier, no visits, at any of its units, and the others' tiers are as without it."""
    accounts = accounts_of(
        ("d", "u", 10), ("a", "u", 40), ("b", "u", 30), ("c", "u", 20), ("g", "u", 900), ("g", "v", 1)
    )
    accounts["is_deactivated"] = (accounts["account_id"] == "g") & (accounts["unit_id"] == "u")
    tiers = account_tiers(accounts, RULE).set_index(["account_id", "unit_id"])
    assert tiers["tier"].droplevel("unit_id").groupby(level=0).first().to_dict() == {
        "a": "A", "b": "A", "c": "B", "d": "C", "g": "none",
    }  # fmt: skip
    assert (tiers.loc["g", ["tier", "visits_per_year"]] == ["none", 0.0]).all(axis=None)


def test_equal_accounts_are_tiered_by_id() -> None:
    """Equal opportunity is ranked by id, whatever the order of the rows."""
    accounts = accounts_of(*((name, "u", 10.0) for name in "dbca"))
    tiers = account_tiers(accounts, RULE).set_index("account_id")["tier"].to_dict()
    assert tiers == {"a": "A", "b": "A", "c": "B", "d": "B"}


def test_rows_of_one_account_are_one_account() -> None:
    """An account listed once for each product is tiered and visited once."""
    accounts = accounts_of(("a", "u", 30), ("a", "u", 30), ("b", "u", 40))
    tiers = account_tiers(accounts, RULE)
    assert list(tiers["addressable_usd"]) == [60, 40]


def test_a_territory_worked_out_by_hand() -> None:
    """One A, one B and one C account, to the minute: visits, hops by sqrt(f·V·A), and the way out."""
    accounts = accounts_of(("a", "u1", 50), ("b", "u1", 30), ("c", "u1", 20))
    assignment, units, territories = market(("u1", "T1", 60.0, 100.0))
    row = territory_workload(accounts, assignment, units, territories, RULE, MileAMinute()).iloc[0]
    visit_minutes = 24 * 60 + 12 * 40 + 4 * 25
    hop_minutes = BHH_CONSTANT * (24 * 40 * 100) ** 0.5
    # days of 360 minutes of which 120 are the round trip
    out_minutes = (visit_minutes + hop_minutes) / 240 * 120
    assert row["visit_hours"] == pytest.approx(visit_minutes / 60)
    assert row["travel_hours"] == pytest.approx((hop_minutes + out_minutes) / 60, rel=1e-6)
    assert row["total_hours"] == row["visit_hours"] + row["travel_hours"]
    assert (row["accounts"], row["capacity_hours"], row["workload_index"]) == (3, 1380.0, 100.0)


def test_hop_is_that_of_a_random_tour() -> None:
    """A sweep of 100 stops over 400 square miles takes k·sqrt(100·400) miles, in 100 equal hops."""
    hop = mean_hop_miles(np.array([400.0, np.nan]), np.array([1200.0, 5.0]), np.array([12.0, 1.0]))
    assert hop[0] * 100 == pytest.approx(BHH_CONSTANT * 200)
    assert hop[1] == 0.0


def test_going_out_never_exceeds_the_work() -> None:
    """The way out grows with distance up to half of the time, beyond which the rep stays overnight."""
    minutes = going_out_minutes(np.full(5, 100.0), np.array([0.0, 30.0, 90.0, 120.0, 3000.0]), 360.0)
    assert minutes == pytest.approx([0.0, 20.0, 100.0, 100.0, 100.0])


def test_v2_irrelevant_accounts_are_no_work() -> None:
    """V2: 400 accounts of which 90 % are irrelevant are 40 accounts, half the work of 80 real ones."""
    busy = [(f"b{i:03}", "u1", 10.0) for i in range(80)]
    padded = [(f"p{i:03}", "u2", 10.0 if i < 40 else 0.0) for i in range(400)]
    assignment, units, territories = market(("u1", "T1", 0.0, 0.0), ("u2", "T2", 0.0, 0.0))
    flat = WorkloadRule((12.0, 12.0, 12.0), (30.0, 30.0, 30.0), 0.5, 0.3, 1380.0)
    load = territory_workload(accounts_of(*busy, *padded), assignment, units, territories, flat, ROADS)
    assert list(load["accounts"]) == [80, 40]
    assert list(load["total_hours"]) == [480.0, 240.0]


def test_v6_equal_counts_and_unequal_effort() -> None:
    """V6: ten accounts each and twice the effort show as workload index 100 and 200."""
    large = [(f"a{i}", "u1", 100.0) for i in range(10)]
    small = [(f"c{i}", "u2", 1.0) for i in range(10)]
    assignment, units, territories = market(
        ("u1", "T1", 0.0, 0.0), ("u2", "T2", 0.0, 0.0), ("u3", "T3", 0.0, 0.0)
    )
    rule = WorkloadRule((24.0, 12.0, 12.0), (30.0, 30.0, 30.0), 0.99, 0.01, 1380.0)
    load = territory_workload(accounts_of(*large, *small), assignment, units, territories, rule, ROADS)
    assert list(load["accounts"]) == [10, 10, 0]
    assert list(load["workload_index"]) == pytest.approx([200.0, 100.0, 0.0])


def test_missing_drive_is_taken_from_the_travel_model() -> None:
    """A unit without a stored drive time is as far as the travel model says."""
    accounts = accounts_of(("a", "u1", 50), ("b", "u2", 50))
    assignment, units, territories = market(("u1", "T1", 0.0, 1.0), ("u2", "T1", np.nan, 1.0))
    drive = float(ROADS.minutes(40.0, -100.0, 40.1, -100.0))
    given_drive = assignment.fillna({"drive_minutes": drive})
    one, two = (
        territory_workload(accounts, table, units, territories, RULE, ROADS)
        for table in (assignment, given_drive)
    )
    pd.testing.assert_frame_equal(one, two)
    assert one["travel_hours"].iloc[0] > 0


def test_accounts_without_a_territory_are_listed() -> None:
    """An unlocated account is nobody's work, sets the tiers all the same, and is not lost from sight."""
    accounts = accounts_of(("a", "unlocated", 90), ("b", "u1", 10))
    assignment, units, territories = market(("u1", "T1", 0.0, 0.0))
    load = territory_workload(accounts, assignment, units, territories, RULE, ROADS)
    assert load["visit_hours"].iloc[0] == 4 * 25 / 60
    assert list(accounts_without_territory(accounts, assignment)["account_id"]) == ["a"]


def test_an_unknown_unit_is_refused() -> None:
    """An assigned unit without a place stops the computation by name instead of losing its accounts."""
    assignment, units, territories = market(("u1", "T1", 0.0, 0.0))
    with pytest.raises(ValueError, match="unit_id 'u1'"):
        territory_workload(accounts_of(), assignment, units.iloc[:0], territories, RULE, ROADS)


def test_no_accounts_at_all() -> None:
    """Without any account every territory has a row of zero hours and no index."""
    assignment, units, territories = market(("u1", "T1", 0.0, 0.0))
    load = territory_workload(accounts_of(), assignment, units, territories, RULE, ROADS)
    assert load["total_hours"].iloc[0] == 0.0
    assert load["workload_index"].isna().all()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1e6)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_order_of_rows_does_not_matter(rows: list[tuple[int, float]], random: randomness.Random) -> None:
    """Shuffled inputs give the same frame to the last bit, and the shape of the contract."""
    accounts = accounts_of(*((f"a{i}", f"u{unit}", usd) for i, (unit, usd) in enumerate(rows)))
    tables = market(*((f"u{i}", f"T{i % 2}", 10.0 * i, 50.0) for i in range(6)))
    shuffled = [table.sample(frac=1, random_state=random.randrange(1000)) for table in (accounts, *tables)]
    one = territory_workload(accounts, *tables, RULE, ROADS)
    two = territory_workload(*shuffled, RULE, ROADS)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert pa.Table.from_pandas(one, schema=TERRITORY_WORKLOAD, preserve_index=False).num_rows == 2


def test_rule_is_read_from_the_settings() -> None:
    """The shipped settings become the rule: six field hours a day, tier A every other week."""
    config, problems = load_business_config(PROFILES / "device_maker")
    assert not problems
    rule = WorkloadRule.from_settings(config.settings)
    assert rule == RULE
    assert rule.day_minutes == 360.0


def test_schema_is_the_contract() -> None:
    """The Arrow schema is word for word the registered one."""
    assert TABLES["field_plan/territory_workload"].schema == TERRITORY_WORKLOAD
