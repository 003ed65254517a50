"""Contract checks find each kind of breach, name it, and never show a patient's token."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quality.contracts import TABLES, contract_breaches

LINE: dict[str, Any] = {
    "claim_id": "c1",
    "claim_line_number": 1,
    "claim_type": "professional",
    "claim_frequency_code": "1",
    "patient_token": "secret-token",
    "payer_channel": "medicare",
    "claim_start_date": date(2025, 3, 1),
    "hcpcs_code": "J7325",
    "rendering_npi": "1234567893",
    "source": "demo",
    "refresh_id": "demo.2025-03",
    "known_on": date(2025, 4, 1),
    "file_sha256": "aa",
    "row_number": 1,
}


def claims(*changes: dict[str, Any]) -> pa.Table:
    """A sound claim line, and one further line per set of changes."""
    rows = [{**LINE, "row_number": place + 1, **change} for place, change in enumerate(({}, *changes))]
    return pa.Table.from_pylist(rows, schema=TABLES["raw/medical_claim"].schema)


def test_a_sound_table_has_no_breach() -> None:
    """Sound lines, and an empty table, keep the contract."""
    assert contract_breaches("raw/medical_claim", claims({})) == []
    assert contract_breaches("raw/medical_claim", TABLES["raw/medical_claim"].empty()) == []


@pytest.mark.parametrize(
    ("change", "column", "severity"),
    [
        ({"claim_type": "dental"}, "claim_type", "error"),
        ({"claim_id": None}, "claim_id", "error"),
        ({"payer_channel": "Medicare"}, "payer_channel", "error"),
        ({"claim_start_date": date(1925, 3, 1)}, "claim_start_date", "warn"),
        ({"hcpcs_code": "J73"}, "hcpcs_code", "warn"),
        ({"rendering_npi": "12345"}, "rendering_npi", "warn"),
        ({"service_unit_quantity": 1e9}, "service_unit_quantity", "warn"),
        ({"row_number": 1}, "file_sha256, row_number", "error"),
    ],
)
def test_each_breach_is_found_and_named(change: dict[str, Any], column: str, severity: str) -> None:
    """One broken value gives exactly one breach, of that column, with the right weight and one row."""
    (breach,) = contract_breaches("raw/medical_claim", claims(change))
    assert (breach.column, breach.severity, breach.rows) == (column, severity, 1)


def test_private_values_are_not_shown() -> None:
    """A breach of a private column says how many rows, not which value."""
    table = claims({"claim_id": None, "patient_token": "secret-token"})
    text = " ".join(breach.sentence() for breach in contract_breaches("raw/medical_claim", table))
    assert "(not shown)" in text
    assert "secret-token" not in text


def test_columns_missing_renamed_and_retyped() -> None:
    """A renamed column is one missing and one extra; a retyped one is named with both types."""
    table = claims({}).rename_columns(
        ["procedure_code" if name == "hcpcs_code" else name for name in LINE_COLUMNS]
    )
    table = table.set_column(
        LINE_COLUMNS.index("claim_line_number"),
        "claim_line_number",
        table["claim_line_number"].cast(pa.string()),
    )
    found = {breach.column: breach for breach in contract_breaches("raw/medical_claim", table)}
    assert set(found) == {"hcpcs_code", "procedure_code", "claim_line_number"}
    assert found["procedure_code"].severity == "warn"
    assert "it is string" in found["claim_line_number"].sentence()


def test_files_are_checked_like_tables(tmp_path: Path) -> None:
    """A glob over several Parquet files is one table: a key repeated across files is found."""
    for name in ("one", "two"):
        pq.write_table(claims({}), tmp_path / f"{name}.parquet")
    (breach,) = contract_breaches("raw/medical_claim", str(tmp_path / "*.parquet"))
    assert breach.rule == "the key must be unique"
    assert breach.rows == 2


def test_unreadable_files_are_a_breach_not_a_crash(tmp_path: Path) -> None:
    """A glob that matches nothing is reported as a breach of the whole table."""
    (breach,) = contract_breaches("raw/medical_claim", str(tmp_path / "*.parquet"))
    assert breach.severity == "error"
    assert breach.column == "*"


def test_a_mart_without_listed_columns_is_checked_by_its_key() -> None:
    """Where the page gives columns in words only, the key still holds."""
    table = pa.table({"territory_id": ["a", "a"], "anything": [1, 2]})
    (breach,) = contract_breaches("reporting/mart_territory_scorecard", table)
    assert breach.column == "territory_id"


def test_an_unknown_table_is_an_error() -> None:
    """A name that is not registered is a programming error."""
    with pytest.raises(KeyError):
        contract_breaches("raw/unheard_of", pa.table({"a": [1]}))


LINE_COLUMNS = list(TABLES["raw/medical_claim"].column_names)
