"""Enrolment spans: tokens instead of people, states in letters, and nothing that names anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hand_made_deliveries import VENDOR, Inbox, claim, csv_bytes, make_config

from pipelines.config.model import FilePattern
from pipelines.landing.raw_tables import arrow_schema
from quality.table_registry import TABLES

PATTERN = FilePattern("eligibility*", "eligibility", "tuva_eligibility")


def span(**changes: Any) -> dict[str, Any]:
    row = {
        "person_id": "P1",
        "enrollment_start_date": "2024-01-01",
        "enrollment_end_date": "2024-12-31",
        "payer": "Blue Cross",
        "payer_type": "commercial",
        "plan": "HMO",
        "state": "Wisconsin",
        "gender": "female",
    }
    return row | changes


@pytest.fixture
def box(inbox: Inbox) -> Inbox:
    inbox.config = make_config(replace(VENDOR, files=(*VENDOR.files, PATTERN)))
    return inbox


def test_spans_land_as_the_table_says(box: Inbox) -> None:
    """Payer texts of the profile first, then the payer's type; states by name or letters, else empty and counted."""
    rows = [
        span(),
        span(person_id="P2", payer="Somebody", payer_type="medicaid", state="wi", enrollment_end_date=""),
        span(person_id="P3", payer="Somebody", payer_type="other", state="Bavaria"),
    ]
    receipt = box.land_one({"eligibility.csv": csv_bytes(rows)})
    landed = box.rows("eligibility")
    assert (
        list(landed[0]) == arrow_schema("eligibility").names == list(TABLES["raw/eligibility"].column_names)
    )
    assert [(row["payer_channel"], row["state"]) for row in landed] == [
        ("commercial", "WI"),
        ("medicaid", "WI"),
        ("unknown", None),
    ]
    assert landed[1]["enrollment_end_date"] is None
    assert receipt.files[0].repairs["state_shape"] == 1


def test_a_person_has_one_token_in_claims_and_cover(box: Inbox) -> None:
    """The same id in the same token domain is the same person."""
    box.land_one(
        {
            "eligibility.csv": csv_bytes([span(person_id="P7")]),
            "medical_claim.csv": csv_bytes([claim(person_id="P7")]),
        }
    )
    (cover,), (line,) = box.rows("eligibility"), box.rows("medical_claim")
    assert cover["patient_token"] == line["patient_token"] != "P7"


def test_a_span_that_cannot_be_is_set_aside(box: Inbox) -> None:
    """Nobody's span, a span that ends before it begins, and one that never begins."""
    rows = [
        span(),
        span(person_id=""),
        span(enrollment_end_date="2023-12-31"),
        span(enrollment_start_date=""),
    ]
    receipt = box.land_one({"eligibility.csv": csv_bytes(rows)})
    assert len(box.rows("eligibility")) == 1
    (file,) = receipt.files
    assert (file.accepted_rows, file.quarantined_rows) == (1, 3)


def test_a_file_that_names_people_is_refused(box: Inbox) -> None:
    """The layout's own columns with names and birthdays must stay with the sender."""
    receipt = box.land_one({"eligibility.csv": csv_bytes([span(birth_date="1950-01-01")])})
    assert receipt.status == "refused"
    assert "birth_date" in " ".join(problem.sentence() for problem in receipt.problems)
