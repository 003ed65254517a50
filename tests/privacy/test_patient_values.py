"""A patient's token or key under any name, in any file that is published, stops the publication; nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.atomic_files import sha256_of_json
from pipelines.delivery.patient_values import no_patient_values, patient_values_in_text
from pipelines.delivery.publication import PublishRefused, publish
from pipelines.delivery.snapshot import build_snapshot
from pipelines.landing.patient_token import TokenKey, token_of

KEY = TokenKey("development", "a key of this test")
TOKENS = [token_of(f"P{number}", "vendor", KEY) for number in range(500)]
FACTS = {"as_of_refresh": "r1", "data_through": "2025-11-30", "input_hash": sha256_of_json("i")}
FACTS |= {"config_hash": sha256_of_json("c"), "plan_id": "p"}
Marts = dict[str, pa.Table]


@pytest.fixture
def raw_claims(tmp_path: Path) -> Path:
    """Two deliveries, each with its patients."""
    folder = tmp_path / "raw" / "medical_claim"
    for refresh, tokens in (("r0", TOKENS[:250]), ("r1", [*TOKENS[250:], None])):
        (folder / refresh).mkdir(parents=True)
        pq.write_table(pa.table({"patient_token": tokens}), folder / refresh / "claims.parquet")
    return folder


def marts() -> Marts:
    """Numbers, identifiers and hashes of every kind that marts hold."""
    return {
        "mart_territory_scorecard": pa.table({"territory_id": ["T01"], "territory_name": ["Home"]}),
        "mart_unit_assignment": pa.table({"unit_id": ["00001"], "territory_id": ["T01"]}),
        "mart_provider_opportunity": pa.table(
            {
                "npi": [str(1_000_000_000 + number) for number in range(1000)],
                "procedures": range(1000),
                "row_hash": [sha256_of_json(number)[:32] for number in range(1000)],
            }
        ),
    }


def patient_key(token: str) -> int:
    """As the warehouse makes it."""
    (value,) = duckdb.execute("select hash(?)", [token]).fetchone() or (0,)
    return int(value)


def with_column(values: pa.Array) -> Marts:
    table = marts()["mart_provider_opportunity"]
    return marts() | {"mart_provider_opportunity": table.append_column("note", values)}


def token_in_text() -> Marts:
    notes = [f"call {number}" for number in range(999)]
    return with_column(pa.array([*notes, f"ask about {TOKENS[3].upper()}."]))


def token_glued_to_letters() -> Marts:
    return with_column(pa.array(["", *["x"] * 998, f"patient{TOKENS[400]}"]))


def token_in_a_list() -> Marts:
    return with_column(pa.array([[], *[["x"]] * 998, ["y", TOKENS[400]]]))


def key_in_a_number() -> Marts:
    return with_column(pa.array([*range(999), patient_key(TOKENS[7])], pa.uint64()))


def key_in_text() -> Marts:
    return with_column(pa.array([*["x"] * 999, f"no. {patient_key(TOKENS[7])}"]))


def token_in_the_report() -> Marts:
    """A name of a territory: shown in a mart and in the report."""
    scorecard = pa.table({"territory_id": ["T01"], "territory_name": [f"Home of {TOKENS[0]}"]})
    return marts() | {"mart_territory_scorecard": scorecard}


@pytest.mark.parametrize(
    ("planted", "place"),
    [
        (token_in_text, "mart_provider_opportunity.parquet"),
        (token_glued_to_letters, "mart_provider_opportunity.parquet"),
        (token_in_a_list, "mart_provider_opportunity.parquet"),
        (key_in_a_number, "mart_provider_opportunity.parquet"),
        (key_in_text, "mart_provider_opportunity.parquet"),
        (token_in_the_report, "report.html"),
    ],
)
def test_a_planted_patient_stops_the_publication(
    planted: Callable[[], Marts], place: str, raw_claims: Path, tmp_path: Path
) -> None:
    """One patient among a thousand rows; the message names file and column and not the patient."""
    published = tmp_path / "published"
    snapshot = build_snapshot(planted(), None, FACTS, published)
    with pytest.raises(PublishRefused) as refused:
        publish(snapshot, published, checks=[no_patient_values(raw_claims)])
    assert place in str(refused.value)
    assert not any(token in str(refused.value).lower() for token in TOKENS)
    assert not (published / "current").exists()


def test_marts_without_patients_are_published(raw_claims: Path, tmp_path: Path) -> None:
    """Identifiers of providers, counts and other hashes are nobody's token."""
    published = tmp_path / "published"
    publish(
        build_snapshot(marts(), None, FACTS, published), published, checks=[no_patient_values(raw_claims)]
    )
    assert (published / "current" / "manifest.json").is_file()


def test_an_export_is_searched_before_it_is_written(raw_claims: Path) -> None:
    good = "product_id,zip3,service_year\nknee,606,2025\n"
    assert patient_values_in_text("safe_harbor.csv", good, raw_claims) == []
    (problem,) = patient_values_in_text("safe_harbor.csv", f"{good}{TOKENS[1]},606,2025\n", raw_claims)
    assert problem.file == "safe_harbor.csv"
