"""What a source's profile and a vendor's flat layout do to claim lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hand_made_deliveries import GOOD_NPI, VENDOR, Inbox, claim, csv_bytes, make_config
from one_truth import FLAT_LAYOUT, LAYOUT_SOURCES, flat_file, profile

from pipelines.config.flat_layouts import read_flat_layouts
from pipelines.landing.receipt import Receipt


def land_with(inbox: Inbox, rows: list[dict[str, Any]], **said: Any) -> tuple[Receipt, list[dict[str, Any]]]:
    inbox.config = make_config(replace(VENDOR, **said))
    receipt = inbox.land_one({"medical_claim.csv": csv_bytes(rows)})
    return receipt, inbox.rows("medical_claim")


def test_frequency_codes_are_the_sources_own(inbox: Inbox) -> None:
    """A source that swaps 7 and 8 or has words says so; what it does not mention has the standard's meaning."""
    codes = ["1", "7", "8", "R", "VOIDED", "6", "D", ""]
    rows = [claim(claim_id=f"C{i}", claim_frequency_code=code) for i, code in enumerate(codes)]
    _, landed = land_with(inbox, rows, replacement_codes=("8", "R"), void_codes=("7", "VOIDED"))
    assert [row["claim_frequency_code"] for row in landed] == ["1", "8", "7", "7", "8", "7", "8", "1"]


def test_an_unknown_frequency_word_is_set_aside(inbox: Inbox) -> None:
    """A word that the source has not explained could mean anything."""
    rows = [claim(claim_frequency_code="VOIDED"), claim(claim_id="C2")]
    receipt, landed = land_with(inbox, rows)
    assert [row["claim_id"] for row in landed] == ["C2"]
    assert "frequency_codes" in receipt.files[0].quarantine[0].remedy


def test_three_ways_to_name_the_versions_of_a_claim(inbox: Inbox) -> None:
    """The same id with a code, the old id with a suffix, a new id with its predecessor: all are there for the ledger."""
    rows = [
        claim(claim_id="A", claim_frequency_code="7", prior_claim_id=""),
        claim(claim_id="B-02", claim_frequency_code="7"),
        claim(claim_id="NEW", prior_claim_id="OLD", claim_frequency_code="8"),
        claim(claim_id="-02"),
        claim(claim_id="B-02-X"),
    ]
    _, landed = land_with(inbox, rows, claim_id_suffix="-[0-9]+")
    assert [(row["claim_id"], row["claim_chain_id"], row["prior_claim_id"]) for row in landed] == [
        ("A", "A", None), ("B-02", "B", None), ("NEW", "NEW", "OLD"), ("-02", "-02", None), ("B-02-X", "B-02-X", None),
    ]  # fmt: skip


TOKENS = ["TEST-1", "zztest9", "DUMMY", "P-1", "CONTEST", "TRAIN7", "99999"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, ["P-1", "CONTEST", "TRAIN7", "99999"]),
        ({"test_patients": ("TRAIN", "9{5}$")}, ["TEST-1", "zztest9", "DUMMY", "P-1", "CONTEST"]),
        ({"test_patients": ()}, TOKENS),
    ],
)
def test_test_patients_are_counted_and_left_out(inbox: Inbox, said: dict[str, Any], kept: list[str]) -> None:
    """By the shipped patterns, by the source's own, or by none; their ids are never shown."""
    rows = [claim(claim_id=token, person_id=token) for token in TOKENS]
    receipt, landed = land_with(inbox, rows, **said)
    assert [row["claim_id"] for row in landed] == kept
    left_out = len(TOKENS) - len(kept)
    assert [count.rows for count in receipt.files[0].quarantine] == ([left_out] if left_out else [])
    assert {row["value"] for row in inbox.rows("quarantine")} <= {"***"}


def test_columns_that_a_vendor_adds_to_tuva(inbox: Inbox) -> None:
    """Status, people, pointers in any spelling and ICD-10-PCS codes are read where they are delivered."""
    extra = {
        "claim_status": "Denied", "operating_npi": GOOD_NPI, "referring_npi": "1497758545",
        "procedure_code_type": "icd-10-pcs", "procedure_code_1": "", "procedure_code_2": "0sr9019",
    }  # fmt: skip
    pointers = ["1:3", "A,C", "2 9", "", "12", "AB"]
    rows = [
        claim(
            claim_id=f"C{i}",
            diagnosis_code_2="I10",
            diagnosis_code_3="715.96",
            diagnosis_pointers=text,
            **extra,
        )
        for i, text in enumerate(pointers)
    ]
    receipt, landed = land_with(inbox, rows)
    assert [row["diagnosis_pointers"] for row in landed] == [[1, 3], [1, 3], [2], None, None, [1, 2]]
    first = landed[0]
    assert (first["claim_status"], first["operating_npi"], first["referring_npi"]) == (
        "denied",
        GOOD_NPI,
        None,
    )
    assert (first["icd10pcs_codes"], first["diagnosis_codes"]) == (["0SR9019"], ["M1711", "I10", "71596"])
    assert receipt.files[0].repairs == {"diagnosis_code_of_icd9": 6, "npi_check_digit": 6}


@pytest.mark.parametrize(
    ("said", "type_"),
    [("icd-10-cm", "icd-10-cm"), ("ICD10CM", "icd-10-cm"), ("ICD-10", "icd-10-cm"), ("0", "icd-10-cm"),
     ("9", "icd-9-cm"), ("ICD-9-CM", "icd-9-cm"), ("SNOMED", "snomed"), ("", None)],
)  # fmt: skip
def test_code_types_have_one_spelling(inbox: Inbox, said: str, type_: str | None) -> None:
    """ICD-9 and ICD-10 are told apart however a vendor writes them."""
    _, (row,) = land_with(inbox, [claim(diagnosis_code_type=said)])
    assert row["diagnosis_code_type"] == type_


# --- flat files ---------------------------------------------------------------------------------------------


@pytest.fixture
def acme(inbox: Inbox, tmp_path: Path) -> Inbox:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "acme_flat.yml").write_text(FLAT_LAYOUT)
    layouts, problems = read_flat_layouts(tmp_path)
    assert problems == []
    inbox.config = replace(make_config(profile("flat", *LAYOUT_SOURCES["flat"])), layouts=layouts)
    return inbox


def land_flat(inbox: Inbox, content: bytes, refresh: str = "flat.1") -> Receipt:
    said = {"source": "flat", "refresh_id": refresh, "known_on": "2026-03-31"}
    return inbox.land_one({"acme.txt": content}, said)


FLAT_FAULTS = [
    # what is changed in the file; column and reason in quarantine
    ((b"CLM-P00", b"XXX-P00"), "Claim No", "a value that the layout's pattern does not fit"),
    ((b"^P^NEW^", b"^Q^NEW^"), "Form", "a value that the layout's map does not know"),
    ((b"^20260105^", b"^01/05/2026^"), "Svc Date", "not a date"),
    ((b"^M0^", b"^^"), "Member", "no patient identifier"),
    ((b"^M0^", b"^TEST1^"), "Member", "test patient"),
    ((b"m17.11;e11.9^", b";" * 25 + b"z00^"), "Dx", "a list with more entries than the column holds"),
    ((b"^A^^^^H", b"^A^^^TRAINING^H"), "Note", "a row of the vendor's training system"),
]


@pytest.mark.parametrize(("change", "column", "reason"), FLAT_FAULTS)
def test_rows_that_a_flat_layout_does_not_fit(
    acme: Inbox, change: tuple[bytes, bytes], column: str, reason: str
) -> None:
    """Each is set aside under the vendor's own column name; all other rows land."""
    content = flat_file()["acme.txt"]
    assert change[0] in content
    receipt = land_flat(acme, content.replace(*change, 1))
    assert receipt.status == "accepted"
    assert [(count.column_name, count.reason) for count in receipt.files[0].quarantine] == [(column, reason)]
    assert receipt.delivered_rows == receipt.accepted_rows + 1


FLAT_DRIFTS = [
    (b"Svc Date", b"Service Date", "Svc Date"),
    (b"^", b"|", "not separated by '^'"),
    (b"Claim No", b"", "Claim No"),
    (b"^20260", b"^26-0", "all of its"),
]


@pytest.mark.parametrize(("old", "new", "word"), FLAT_DRIFTS)
def test_a_drifted_flat_file_is_blocked_whole(acme: Inbox, old: bytes, new: bytes, word: str) -> None:
    """Column, delimiter or type other than described: refused in the vendor's words."""
    content = flat_file()["acme.txt"]
    receipt = land_flat(
        acme, content.replace(old, new) if len(old) == 1 or old[:1] == b"^" else content.replace(old, new, 1)
    )
    assert receipt.status == "refused"
    assert any(word in problem.message for problem in receipt.problems), receipt.problems
    assert acme.rows("medical_claim") == []


def test_a_changed_layout_reconsiders_what_it_refused(acme: Inbox) -> None:
    """The delivery stays in the inbox; once the description fits, it is landed."""
    content = flat_file()["acme.txt"].replace(b"Svc Date", b"Service Date", 1)
    assert land_flat(acme, content).status == "refused"
    assert acme.land_all() == []
    layout = acme.config.layouts["acme_flat"]
    columns = dict(layout.columns)
    columns["claim_line_start_date"] = replace(columns["claim_line_start_date"], columns=("Service Date",))
    acme.config = replace(acme.config, layouts={"acme_flat": replace(layout, columns=columns)})
    (receipt,) = acme.land_all()
    assert receipt.status == "accepted"


def test_encodings_are_read_as_described(acme: Inbox) -> None:
    """Latin-1 bytes would be no UTF-8; the names around the codes do not matter."""
    content = flat_file()["acme.txt"]
    assert b"H\xf4pital" in content
    receipt = land_flat(acme, content)
    assert (receipt.status, receipt.quarantined_rows) == ("accepted", 0)
    layout = replace(acme.config.layouts["acme_flat"], encoding="utf-8")
    acme.config = replace(acme.config, layouts={"acme_flat": layout})
    refused = land_flat(acme, content + b"\n", "flat.2")
    assert "bytes that are not UTF-8" in refused.problems[0].message
