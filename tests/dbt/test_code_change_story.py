"""Story V8: the codes change on 1 January, what is done does not. No false decline, no double count, nothing lost."""

from __future__ import annotations

import os
from datetime import date
from unittest import mock

import pandas as pd
import pytest
from code_change_lake import AFTER, BEFORE, CHANGE, MONTHS, write_code_change_lake
from dbt_runs import Build, Warehouse


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The marts over the market of constant services, in a warehouse of its own."""
    folder = tmp_path_factory.mktemp("code_change")
    (folder / "warehouse").mkdir()
    own = Warehouse(
        folder / "lake", folder / "warehouse" / "claimline.duckdb", folder / "target" / "compiled"
    )
    write_code_change_lake(own.lake, folder / "config")
    settings = {
        "CLAIMLINE_LAKE": str(own.lake),
        "CLAIMLINE_WAREHOUSE": str(own.file),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    marts = [
        "+fct_geography_opportunity",
        "+mart_code_quarantine",
        "+mart_code_set_change",
        "+mart_plan_staleness",
    ]
    reconciled = "codes__valid_and_quarantined_are_all_services"
    with mock.patch.dict(os.environ, settings):
        only = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"]
        build = own.run("build", *only, "--select", *marts, reconciled)
    assert set(build.statuses.values()) <= {"success", "pass"}
    return build


def monthly(build: Build, product: str) -> list[float]:
    frame = build.table("opportunity.fct_geography_opportunity").query("product_id == @product")
    return frame.groupby("service_month")["procedures"].sum().astype(float).tolist()


@pytest.mark.parametrize(
    ("product", "procedures"), [("renamed", 100), ("parted", 100), ("bundled", 100), ("merged", 70)]
)
def test_a_deleted_code_with_successors_shows_no_decline(
    changed: Build, product: str, procedures: float
) -> None:
    """Renamed, parted, bundled or merged: each of the sixteen months has what was planted."""
    assert monthly(changed, product) == pytest.approx([procedures] * len(MONTHS), rel=1e-9)


def test_a_deleted_code_without_successor_is_lost(changed: Build) -> None:
    """Nothing maps J0041, so its 12 of 100 are gone from January on: the crosswalk is what prevents the decline."""
    assert monthly(changed, "stale") == [100.0] * 10 + [88.0] * 6


def test_the_crosswalk_that_was_used_is_listed(changed: Build) -> None:
    """One row a product on the day of the change, with what became of its code."""
    table = changed.table("reporting.mart_code_set_change").set_index("product_id")
    assert (table["effective_from"] == pd.Timestamp(CHANGE)).all()
    assert table["successors"].dropna().to_dict() == {
        "renamed": "J0001 → J0002 (weight 1.000)",
        "parted": "J0011 → J0012 (weight 1.000) + J0013 (weight 1.000)",
        "bundled": "J0021 → J0022 (weight 0.500) + J0023 (weight 0.500)",
        "merged": "J0031 → J0033 (weight 0.700)",
    }
    assert table["codes_deleted"].to_dict() == dict.fromkeys(table.index, 1)
    assert table["codes_without_successor"].to_dict() == dict.fromkeys(table.index, 0) | {"stale": 1}
    assert table.loc["stale", "unmapped_codes"] == "J0043"
    assert table.drop("stale")["codes_unmapped"].sum() == 0


def test_the_share_that_rests_on_the_deleted_code(changed: Build) -> None:
    """Of the planning year May 2024 to April 2025, J0041 has 8 months of 12 services, J0042 12 months of 88."""
    table = changed.table("reporting.mart_code_set_change").set_index("product_id")
    assert table.loc["stale", "product_share"] == pytest.approx(96 / (96 + 12 * 88), abs=5e-4)
    # J0001 has 8 of 12 months. The 12 services with J0001 in January are in quarantine.
    assert table.loc["renamed", "product_share"] == pytest.approx(8 / 12, abs=5e-4)


def test_a_plan_with_twelve_percent_on_a_deleted_code_is_twelve_percent_stale(changed: Build) -> None:
    """R06: planted 12 %, measured 12 % ± 0.1 points; the mix has moved by the difference to the shares now."""
    table = changed.table("reporting.mart_plan_staleness").set_index("product_id")
    assert table.loc["stale", "stale_share"] == pytest.approx(0.12, abs=0.001)
    assert table.loc["stale", "mix_distance"] == pytest.approx(0.12 - 96 / (96 + 12 * 88), abs=0.001)
    assert table.loc["stale", "stale_codes"] == 1


def test_codes_outside_their_dates_are_set_apart(changed: Build) -> None:
    """Ended, not yet valid, unknown: counted apart by reason. Three patients are not told; W codes are not judged."""
    table = changed.table("reporting.mart_code_quarantine")
    assert table[["code_system", "code", "reason"]].values.tolist() == [
        ["hcpcs", "J0001", "ended"],
        ["hcpcs", "J0002", "not_yet_valid"],
        ["hcpcs", "J0099", "unknown"],
        ["icd10cm", "M17", "unknown"],
    ]
    assert table["services"].fillna(-1).tolist() == [22, 22, -1, -1]  # 12 each, rounded
    assert table["is_suppressed"].tolist() == [False, False, True, True]
    assert table.loc[0, "first_service_month"].date() == date(2025, 1, 1)


def test_every_service_is_valid_or_set_apart(changed: Build) -> None:
    """The planted services are valid, the 27 outside their dates are not, and Q0001 is judged by no list."""
    verdicts = changed.table("intermediate.int_codes__judged").groupby("verdict")["services"].sum().to_dict()
    planted = 10 * sum(BEFORE.values()) + 6 * sum(AFTER.values())
    assert verdicts == {"valid": planted + 1, "ended": 12, "not_yet_valid": 12, "unknown": 3}
