"""Great Expectations suites: they pass what is good, name what is bad, and leave nothing behind."""

from __future__ import annotations

import socket
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from territory_counts import SETTINGS

from quality.expectations import RESULT_COLUMNS, SuiteResult, validate
from quality.suites import SUITES
from quality.summaries import (
    landed_claims_summary,
    quota_summary,
    small_cell_summary,
    territory_layers,
    unit_potential_summary,
)
from quality.table_registry import TABLES

TERRITORY = pd.DataFrame(
    {
        "territory_id": ["T1", "T2"],
        "balance_index": [96.0, 104.0],
        "mean_drive_miles": [21.0, 35.0],
        "components": [1, 1],
        "is_contiguous": [True, True],
    }
)
ASSIGNMENT = pd.DataFrame({"unit_id": ["u1", "u2", "u3"], "territory_id": ["T1", "T2", "T2"]})
POTENTIAL = pd.DataFrame(
    {
        "unit_id": ["u1", "u2", "u3"],
        "product_id": "implant",
        "total_usd": [100.0, 60.0, 50.0],
        "addressable_usd": [80.0, 60.0, 20.0],
        "phantom_usd": [20.0, 0.0, 25.0],
        "unknown_usd": [0.0, 0.0, 5.0],
        "months_covered": [12, 12, 12],
    }
)
WORKLOAD = pd.DataFrame({"territory_id": ["T1", "T2"], "travel_hours": [300.0, 420.0]})


def scorecard(territory: pd.DataFrame = TERRITORY, workload: pd.DataFrame | None = WORKLOAD) -> SuiteResult:
    layers = territory_layers(territory, ASSIGNMENT, POTENTIAL, workload)
    return validate(layers, "territory_scorecard", SETTINGS)


def test_a_good_plan_holds_and_reads_well() -> None:
    """All expectations of a sound scorecard hold; the table names observation, owner and reason of each."""
    result = scorecard()
    assert result.passed
    assert list(result.rows.columns) == RESULT_COLUMNS
    assert (result.rows["reason"].str.len() > 10).all()
    assert result.rows.loc[0, ["expectation", "observed"]].tolist() == ["the table has rows", "2 rows"]
    assert "| access_share lies in 0 … 1 | 0.7273 … 0.8 | yes |" in result.to_markdown()


def test_a_skipped_layer_blocks_and_is_named() -> None:
    """Without the travel hours (the column) or the drive (null), the plan is refused and the layer named
    (R30).
    """
    without_hours = scorecard(workload=None)
    assert without_hours.is_blocking
    assert "the travel layer is there (travel_hours)" in without_hours.sentence()
    without_miles = scorecard(TERRITORY.assign(mean_drive_miles=[21.0, None]))
    assert without_miles.is_blocking
    assert "mean_drive_miles" in without_miles.sentence()


def test_imbalance_warns_but_does_not_block() -> None:
    """A territory 30 % off the mean fails its expectation without blocking; a broken one blocks."""
    unfair = scorecard(TERRITORY.assign(balance_index=[70.0, 130.0]))
    assert not unfair.passed
    assert not unfair.is_blocking
    assert scorecard(TERRITORY.assign(is_contiguous=[True, False])).is_blocking


def test_an_empty_table_does_not_pass_unseen() -> None:
    """A suite over no rows fails where rows are due."""
    assert validate(quotas(["1.00"], "1.00").iloc[:0], "quotas").is_blocking


def quotas(amounts: list[str], goal: str, shift: str = "0") -> pd.DataFrame:
    names = [f"T{place}" for place in range(len(amounts))]
    quota = pd.DataFrame({"territory_id": names, "quota_usd": [Decimal(amount) for amount in amounts]})
    lines = quota.rename(columns={"quota_usd": "amount_usd"})
    lines.loc[0, "amount_usd"] = lines.loc[0, "amount_usd"] + Decimal(shift)
    return quota_summary(quota, lines, goal)


@pytest.mark.parametrize(
    ("amounts", "goal", "shift", "passed"),
    [
        (["0.10", "0.20"], "0.30", "0", True),
        (["100000000.01", "99999999.99"], "200000000.00", "0", True),
        (["0.10", "0.20"], "0.31", "0", False),
        (["0.10", "0.20"], "0.30", "0.01", False),
        (["-0.10", "0.40"], "0.30", "0", False),
    ],
)
def test_quotas_to_the_cent(amounts: list[str], goal: str, shift: str, passed: bool) -> None:
    """One cent off the goal, one cent off the lines, or a negative quota fails; exact sums pass."""
    assert validate(quotas(amounts, goal, shift), "quotas").passed == passed


def test_potential_must_add_up() -> None:
    """Addressable, phantom and unknown that do not add up to the total block."""
    assert validate(unit_potential_summary(POTENTIAL), "unit_potential", SETTINGS).passed
    broken = POTENTIAL.assign(phantom_usd=[20.0, 0.5, 25.0])
    result = validate(unit_potential_summary(broken), "unit_potential", SETTINGS)
    assert result.failures["expectation"].tolist() == ["split_gap_usd lies in 0 … 0.01"]


def test_small_cells_are_found_in_any_patient_column() -> None:
    """A visible 7 fails, in whatever patient column; 0, 11 and null pass; a marked row may show nothing."""
    good = pa.table(
        {
            "patients": [0, 11, None],
            "diagnosed_patients": [None, 30, 12],
            "is_suppressed": [False, False, True],
        }
    )
    good = good.set_column(1, "diagnosed_patients", pa.array([None, 30, None], pa.int64()))
    assert validate(small_cell_summary({"mart": good}), "published_marts").passed
    for column, value in (("patients", [0, 7, None]), ("diagnosed_patients", [None, 1, None])):
        place = good.column_names.index(column)
        bad = good.set_column(place, column, pa.array(value, pa.int64()))
        summary = small_cell_summary({"mart": bad})
        assert summary.set_index("column_name")["small_cells"].to_dict()[column] == 1
        assert validate(summary, "published_marts").is_blocking
    marked = good.set_column(0, "patients", pa.array([0, 11, 50], pa.int64()))
    assert small_cell_summary({"mart": marked})["marked_cells"].tolist() == [1, 0]


def landed(folder: Path, lines: list[dict[str, Any]], receipt: dict[str, Any]) -> pd.DataFrame:
    folder.mkdir(exist_ok=True)
    for name, rows in (("raw/medical_claim", lines), ("raw/refresh", [receipt])):
        table = pa.Table.from_pylist(rows, schema=TABLES[name].schema)
        pq.write_table(table, folder / f"{name[4:]}.parquet")
    return landed_claims_summary(str(folder / "medical_claim.parquet"), str(folder / "refresh.parquet"))


def test_landed_claims_reconcile_or_say_so(tmp_path: Path) -> None:
    """The summary counts what is lost, unknown or outside the manifest's dates, and the suite judges it."""
    day = pd.Timestamp("2025-03-05").date()
    line = {
        "refresh_id": "r1",
        "claim_type": "professional",
        "payer_channel": "medicare",
        "hcpcs_code": "J7325",
        "rendering_npi": "1234567893",
        "claim_start_date": day,
    }
    receipt = {
        "refresh_id": "r1",
        "entity": "medical_claim",
        "delivered_rows": 21,
        "accepted_rows": 20,
        "quarantined_rows": 1,
        "service_from": day,
        "service_to": day,
    }
    good = landed(tmp_path, [line] * 20, receipt)
    assert validate(good, "landed_claims", SETTINGS).passed
    stray = {**line, "claim_start_date": pd.Timestamp("2019-01-01").date(), "rendering_npi": None}
    bad = landed(tmp_path, [line] * 15 + [stray] * 4, {**receipt, "delivered_rows": 25})
    result = validate(bad, "landed_claims", SETTINGS)
    assert bad.loc[0, ["unaccounted_rows", "unlanded_rows"]].tolist() == [4, 1]
    assert bad.loc[0, "outside_span_share"] == pytest.approx(4 / 19)
    failed = " ".join(result.failures["expectation"])
    assert all(word in failed for word in ("unaccounted", "unlanded", "npi_repair", "outside_span"))
    assert result.is_blocking


def test_no_network_no_files_and_the_same_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validating opens no connection, leaves no file where it runs or in the temporary folder, and repeats
    itself.
    """

    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    scorecard()
    work, scratch = tmp_path / "work", tmp_path / "scratch"
    work.mkdir()
    scratch.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    first, second = scorecard(), scorecard()
    assert first.to_markdown() == second.to_markdown()
    assert list(work.iterdir()) == []
    assert list(scratch.iterdir()) == []


def test_every_expectation_has_an_owner_and_a_reason() -> None:
    """No expectation without owner and reason, in any suite."""
    for name, build in SUITES.items():
        for item in build(SETTINGS):
            assert item.owner, name
            assert len(item.reason) > 10, name
