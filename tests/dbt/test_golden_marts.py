"""The whole dbt project on the small lake: hand-worked answers, and the same answers however the data was delivered.

The market is that of `small_lake.golden_refreshes`; the numbers below are worked out from it.
"""

from __future__ import annotations

import pandas as pd
import pytest
from dbt_runs import Build

from pipelines.delivery.published_marts import PUBLISHED_MARTS

GEOGRAPHY = "reporting.mart_geography_opportunity"


def cell(build: Build, table: str, **key: str) -> dict[str, object]:
    """The one row of a table with some values in some columns."""
    frame = build.table(table)
    for column, value in key.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, f"{len(frame)} rows of {table} have {key}"
    return frame.iloc[0].to_dict()


def test_everything_builds_and_every_dbt_test_passes(golden: Build) -> None:
    """Models succeed and data tests and unit tests pass; none is skipped."""
    assert set(golden.statuses.values()) <= {"success", "pass"}
    assert sum(status == "pass" for status in golden.statuses.values()) >= 90


def test_refreshes_reconcile_to_the_row(golden: Build) -> None:
    """First refresh: 136 surgery lines, 4 of X1 to X3, 26 of the diagnoses; two of X1 are replaced, X2 is voided."""
    first = cell(golden, "opportunity.fct_refresh_reconciliation", refresh_id="claims.2025-01")
    assert (first["delivered_rows"], first["accepted_rows"], first["quarantined_rows"]) == (168, 166, 2)
    assert (first["current_lines"], first["superseded_lines"], first["voided_lines"]) == (163, 2, 1)
    assert first["lines_without_procedure"] == 1
    # 68 surgeries of a professional and an institutional line each, and 26 visits of a line each.
    assert (first["services"], first["services_located"], first["services_unlocated"]) == (94, 91, 3)
    second = cell(golden, "opportunity.fct_refresh_reconciliation", refresh_id="claims.2025-02")
    assert (second["current_lines"], second["voided_lines"], second["orphan_void_lines"]) == (3, 2, 1)


def test_the_planning_year_leaves_out_blind_months_and_dates_from_the_future(golden: Build) -> None:
    """The last line known when it was delivered is of February 2025; two blind months leave December."""
    through = cell(golden, "reporting.mart_data_through", source="claims")
    assert through["as_of_refresh"] == "claims.2025-02"
    assert through["last_service_month"] == pd.Timestamp("2025-02-01")
    assert through["last_usable_month"] == through["planning_last_month"] == pd.Timestamp("2024-12-01")
    assert through["planning_first_month"] == pd.Timestamp("2024-03-01")


@pytest.mark.parametrize(
    ("product", "unit", "procedures", "billed", "addressable", "phantom", "unknown"),
    [
        ("knee", "U1", 21, 10300.0, 21000.0, 0.0, 0.0),  # 20 at 500, and the replaced X1 by its charge of 300
        ("knee", "U2", 15, 7500.0, 0.0, 15000.0, 0.0),  # locked with its health system
        ("knee", "U3", 5, 2500.0, 2000.0, 3000.0, 0.0),  # its own rule: 40 % addressable
        ("knee", "U4", 12, 6000.0, 0.0, 0.0, 12000.0),  # unknown
        ("knee", "unlocated", 3, 1500.0, 3000.0, 0.0, 0.0),
        ("hip", "U1", 11, 5500.0, 2755.5, 0.0, 0.0),  # July's two came after the code had ended
    ],
)
def test_unit_potential_is_what_was_delivered(
    golden: Build,
    product: str,
    unit: str,
    procedures: int,
    billed: float,
    addressable: float,
    phantom: float,
    unknown: float,
) -> None:
    """Procedures, patients and dollars of each unit, as counted by hand."""
    row = cell(golden, "opportunity.fct_unit_potential", product_id=product, unit_id=unit)
    assert (row["procedures"], row["patients"], row["billed_usd"]) == (procedures, procedures, billed)
    assert (row["addressable_usd"], row["phantom_usd"], row["unknown_usd"]) == (addressable, phantom, unknown)
    assert row["total_usd"] == addressable + phantom + unknown


def test_there_is_no_other_unit(golden: Build) -> None:
    """Six product units have volume; nothing is made up."""
    assert len(golden.table("opportunity.fct_unit_potential")) == 6


def test_diagnosed_patients_are_people(golden: Build) -> None:
    """Thirteen patients with two visits and two matching codes each are thirteen, where they were seen."""
    row = cell(
        golden,
        "opportunity.fct_geography_opportunity",
        unit_id="U2",
        service_month=pd.Timestamp("2024-04-01"),
    )
    assert (row["diagnosed_patients"], row["procedures"], row["patients"]) == (13, 0, 0)


def test_the_performer_is_the_surgeon_and_the_account_the_hospital(golden: Build) -> None:
    """The group bills, the surgeon operates, the hospital is the site: 15 procedures each, and none for the group."""
    surgeon = cell(golden, "reporting.mart_provider_opportunity", npi="1000000002", product_id="knee")
    hospital = cell(golden, "reporting.mart_account_opportunity", account_id="3000000002", product_id="knee")
    assert surgeon["procedures"] == hospital["procedures"] == 15
    assert (hospital["access_status"], hospital["health_system_name"]) == ("locked", "The System")
    assert "2000000001" not in set(golden.table("reporting.mart_provider_opportunity")["npi"])


def test_small_cells_are_withheld_with_what_would_give_them_away(golden: Build) -> None:
    """3 cannot be located and 5 are in U3: their states, both units of NJ and all that is in them are withheld."""
    knees = golden.table(GEOGRAPHY).query("product_id == 'knee'")
    withheld = set(knees.loc[knees["is_suppressed"], "geography_id"])
    assert withheld == {"unlocated", "NJ", "U3", "U4"}
    numbers = [
        "procedures",
        "patients",
        "billed_usd",
        "total_usd",
        "addressable_usd",
        "phantom_usd",
        "unknown_usd",
    ]
    assert (
        knees.loc[knees["is_suppressed"], [*numbers, "addressable_share", "providers"]].isna().all(axis=None)
    )
    assert knees.loc[~knees["is_suppressed"], numbers].notna().all(axis=None)
    accounts = golden.table("reporting.mart_account_opportunity")
    assert set(accounts.loc[accounts["is_suppressed"], "account_id"]) == {
        "3000000003",
        "3000000004",
        "3000000009",
    }
    units = golden.table("reporting.mart_unit_assignment").set_index("unit_id")
    assert units["addressable_usd"].fillna(-1).to_dict() == {"U1": 23755.5, "U2": 0.0, "U3": -1, "U4": -1}
    changes = golden.table("reporting.mart_plan_change").set_index("unit_id")
    assert changes["addressable_usd"].fillna(-1).to_dict() == {"U1": 23755.5, "U3": -1}


def test_trends_and_ranks_of_withheld_places_are_withheld(golden: Build) -> None:
    """The nation and U1 are shown, rounded to twentieths; of U3 the class goes too, and U1 becomes the first region."""
    trends = golden.table("reporting.mart_geography_trend").set_index("geography_id")
    assert trends["growth_share"].fillna(-1).to_dict() == {"nation": 0.25, "U1": 0.25, "U3": -1}
    assert trends["trend_class"].fillna("").to_dict() == {"nation": "growing", "U1": "growing", "U3": ""}
    regions = golden.table("reporting.mart_hot_region").set_index("region_id")
    assert regions["region_rank"].fillna(-1).to_dict() == {"U1": 1, "U3": -1}
    assert regions["volume_excess_share"].fillna(-1).to_dict() == {"U1": 0.25, "U3": -1}


def test_zero_is_shown(golden: Build) -> None:
    """No patient is not a small cell: diagnosed patients of U1 are 0, not withheld."""
    assert cell(golden, GEOGRAPHY, product_id="knee", geography_id="U1")["diagnosed_patients"] == 0


def test_the_scorecard_shows_rounded_totals(golden: Build) -> None:
    """East: 21,000 + 2,755.50 addressable, rounded to 22 procedures of the dearest; West has 7 patients by plan."""
    east = cell(golden, "reporting.mart_territory_scorecard", territory_id="T1")
    assert (east["addressable_usd"], east["phantom_usd"], east["total_usd"]) == (22000.0, 22000.0, 44000.0)
    assert (east["planned_addressable_usd"], east["patients"], east["procedures"]) == (22000.0, 44, 44)
    assert (east["is_drift"], east["open_reviews"], east["is_vacant"]) == (True, 1, False)
    west = cell(golden, "reporting.mart_territory_scorecard", territory_id="T2")
    assert pd.isna(west["patients"])
    assert (west["is_drift"], west["open_reviews"], west["is_vacant"]) == (False, 0, True)


def test_no_patient_leaves_the_intermediate_layer(golden: Build) -> None:
    """No table of opportunity or reporting has a patient's token or claim in it."""
    for name, frame in golden.tables.items():
        if name.split(".")[0] in ("opportunity", "reporting"):
            assert not {"patient_token", "patient_key", "diagnosed_patient_key", "claim_id"} & set(
                frame.columns
            ), name


def test_shuffled_rows_and_a_repeated_delivery_change_no_mart(golden: Build, redelivered: Build) -> None:
    """The same bytes in the same order; what was sent again shows only where refreshes are accounted for."""
    assert set(redelivered.statuses.values()) == {"success"}
    accounting = {
        f"reporting.mart_{name}" for name in ("refresh_reconciliation", "data_through", "restatement")
    }
    before, after = golden.hashes(), redelivered.hashes()
    assert sorted(before) == [f"reporting.{mart}" for mart in PUBLISHED_MARTS]
    assert {name for name in before if before[name] != after[name]} == accounting


def test_a_repeated_delivery_is_accounted_for(redelivered: Build) -> None:
    """Two originals are superseded by their like; a replacement that says nothing new is none, and goes."""
    first = cell(redelivered, "reporting.mart_refresh_reconciliation", refresh_id="claims.2025-02")
    assert (first["current_lines"], first["superseded_lines"], first["voided_lines"]) == (1, 2, 2)
    again = cell(redelivered, "reporting.mart_refresh_reconciliation", refresh_id="claims.2025-03")
    assert (again["current_lines"], again["superseded_lines"], again["voided_lines"]) == (2, 1, 2)


def test_annual_volumes_alone_make_a_plan_year(annual: Build) -> None:
    """Corrected 60 + 20 services of a surgeon, 30 of a group whose ZIP only the directory knows; no diagnoses."""
    assert set(annual.statuses.values()) <= {"success", "pass"}
    first = cell(annual, "opportunity.fct_unit_potential", unit_id="U1")
    assert (first["procedures"], first["patients"], first["billed_usd"]) == (80, 60, 6400.0)
    assert (first["addressable_usd"], first["months_covered"], first["providers"]) == (80000.0, 12, 1)
    assert pd.isna(first["diagnosed_patients"])
    second = cell(annual, "opportunity.fct_unit_potential", unit_id="U2")
    assert (second["procedures"], second["providers"], second["accounts"]) == (30, 0, 1)
    volumes = annual.table("opportunity.fct_provider_opportunity").set_index("npi")
    assert set(volumes.index) == {"1000000001", "unattributed"}
    assert not volumes["is_patients_additive"].any()
    assert (volumes["months_covered"] == 12).all()


def test_without_a_plan_the_plan_marts_are_empty(annual: Build) -> None:
    """Tables that Python wrote without rows give marts without rows, not errors."""
    for name in (
        "territory_scorecard",
        "unit_assignment",
        "territory_quota",
        "quota_line",
        "plan",
        "plan_change",
    ):
        assert annual.table(f"reporting.mart_{name}").empty
