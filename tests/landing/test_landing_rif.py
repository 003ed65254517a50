"""CMS RIF files: what a row does to its claim, and how Medicare's columns are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hand_made_deliveries import Inbox, csv_bytes, make_config
from one_truth import LAYOUT_SOURCES, SURGEON_A, profile, rif_files

from pipelines.landing.receipt import Receipt


def rows_of(name: str) -> list[dict[str, str]]:
    header, *lines = rif_files()[name].decode().splitlines()
    names = header.split("|")
    return [dict(zip(names, line.split("|"), strict=True)) for line in lines]


@pytest.fixture
def medicare(inbox: Inbox) -> Inbox:
    inbox.config = make_config(profile("rif", *LAYOUT_SOURCES["rif"]))
    return inbox


def land(inbox: Inbox, name: str, *changes: dict[str, str]) -> tuple[Receipt, list[dict[str, Any]]]:
    """The first row of the truth's file once per change, under its own claim id."""
    first = rows_of(name)[0]
    rows = [{**first, "CLM_ID": f"-{place}", **change} for place, change in enumerate(changes)]
    content = csv_bytes(rows).replace(b",", b"|")
    receipt = inbox.land_one({name: content}, {"source": "rif", "known_on": "2026-03-31"})
    return receipt, inbox.rows("medical_claim")


CHANGES = [
    # what the row says; the frequency it lands as
    ({"DML_IND": "INSERT"}, "1"),
    ({"DML_IND": "update"}, "7"),
    ({"DML_IND": "DELETE"}, "8"),
    ({"DML_IND": "INSERT", "FINAL_ACTION": "N"}, "8"),
    ({"DML_IND": "UPDATE", "FINAL_ACTION": "N"}, "8"),
    ({"DML_IND": "UPDATE", "FINAL_ACTION": ""}, "7"),
]


def test_dml_and_final_action_say_what_a_row_does(medicare: Inbox) -> None:
    """INSERT brings, UPDATE replaces, DELETE voids; a claim that is no longer final is voided too."""
    _, rows = land(medicare, "carrier.csv", *(change for change, _ in CHANGES))
    assert [row["claim_frequency_code"] for row in rows] == [frequency for _, frequency in CHANGES]


def test_a_facilitys_own_frequency_counts_when_it_is_inserted(medicare: Inbox) -> None:
    """CLM_FREQ_CD 7 is a replacement, 8 a void, I an adjustment; an update of a void stays one."""
    said = [
        ("INSERT", "1"),
        ("INSERT", "7"),
        ("INSERT", "8"),
        ("INSERT", "I"),
        ("UPDATE", "1"),
        ("UPDATE", "8"),
    ]
    changes = [{"DML_IND": change, "CLM_FREQ_CD": frequency} for change, frequency in said]
    _, rows = land(medicare, "outpatient.csv", *changes)
    assert [row["claim_frequency_code"] for row in rows] == ["1", "7", "8", "7", "7", "8"]
    assert [row["bill_type_code"] for row in rows] == ["131", "137", "138", "13I", "131", "138"]


def test_units_are_services_and_never_minutes(medicare: Inbox) -> None:
    """Of LINE_SRVC_CNT, what CARR_LINE_MTUS_CD calls anaesthesia time is one service; miles are the code's own unit."""
    codes = ["3", "", "0", "1", "2", "4", "5", "6"]
    changes = [{"CARR_LINE_MTUS_CD": code, "LINE_SRVC_CNT": "12"} for code in codes]
    receipt, rows = land(medicare, "carrier.csv", *changes)
    assert [row["service_unit_quantity"] for row in rows] == [12, 12, 12, 12, 1, 12, 12, 1]
    assert receipt.files[0].repairs == {"units_of_time": 2}


def test_denials_are_kept_and_marked(medicare: Inbox) -> None:
    """By the claim (paid to nobody, another payer's duty) or by the line; allowed and paid otherwise."""
    said = [("1", "A"), ("B", "R"), ("0", "A"), ("D", ""), ("E", "A"), ("1", "N"), ("1", "S"), ("", "")]
    changes = [{"CARR_CLM_PMT_DNL_CD": claim, "LINE_PRCSG_IND_CD": line} for claim, line in said]
    _, rows = land(medicare, "carrier.csv", *changes)
    assert [row["claim_status"] for row in rows] == [
        "paid", "paid", "denied", "denied", "denied", "denied", "paid", "unknown",
    ]  # fmt: skip


def test_facility_claims_that_medicare_did_not_pay(medicare: Inbox) -> None:
    """A reason for non-payment denies the claim; the payment of an inpatient claim stands on its first line."""
    changes = [
        {"CLM_MDCR_NON_PMT_RSN_CD": "", "CLM_PMT_AMT": "5000.00", "CLM_LINE_NUM": "1", "CLM_DRG_CD": "65"},
        {"CLM_MDCR_NON_PMT_RSN_CD": "N", "CLM_PMT_AMT": "5000.00", "CLM_LINE_NUM": "2"},
    ]
    _, rows = land(medicare, "inpatient.csv", *changes)
    assert [(row["claim_status"], row["paid_amount"]) for row in rows] == [("paid", 5000.0), ("denied", None)]
    assert (rows[0]["drg_code"], rows[0]["operating_npi"] is not None) == ("065", True)


DIAGNOSES = [
    # principal, list, the line's own; what lands, and where the line points
    ("A10", ("A10", "B20", "C30"), "B20", ["A10", "B20", "C30"], [2]),
    ("C30", ("A10", "B20", "C30"), "C30", ["C30", "A10", "B20"], [1]),
    ("D40", ("A10", "B20", "C30"), "", ["D40", "A10", "B20", "C30"], None),
    ("", ("A10", "B20", ""), "E50", ["A10", "B20", "E50"], [3]),
    ("A10", ("A10", "", "C30"), "C30", ["A10", None, "C30"], [3]),
    ("", ("", "", ""), "", [], None),
]


def test_the_principal_diagnosis_comes_first_and_the_line_points(medicare: Inbox) -> None:
    """Nothing is listed twice or lost, whether the principal is in the list, elsewhere in it, or not at all."""
    changes = [
        {"PRNCPAL_DGNS_CD": principal, "LINE_ICD_DGNS_CD": own}
        | {f"ICD_DGNS_CD{place}": code for place, code in enumerate(listed, start=1)}
        for principal, listed, own, _, _ in DIAGNOSES
    ]
    _, rows = land(medicare, "carrier.csv", *changes)
    landed = [(row["diagnosis_codes"], row["diagnosis_pointers"]) for row in rows]
    assert landed == [(codes, pointers) for *_, codes, pointers in DIAGNOSES]


def test_procedures_of_an_inpatient_claim(medicare: Inbox) -> None:
    """ICD-10-PCS codes are kept in order and a wrong one is counted; ICD-9 procedures are none."""
    receipt, rows = land(
        medicare,
        "inpatient.csv",
        {"ICD_PRCDR_CD1": "0sr9019", "ICD_PRCDR_CD2": "0SRC0IO"},
        {"ICD_PRCDR_CD1": "8154", "ICD_PRCDR_CD2": "", "ICD_PRCDR_VRSN_CD1": "9"},
    )
    assert [row["icd10pcs_codes"] for row in rows] == [["0SR9019"], None]
    assert receipt.files[0].repairs == {"icd10pcs_code_shape": 1}


def test_synthetic_npis_are_nobody(medicare: Inbox) -> None:
    """An NPI without a right check digit never becomes a target; the line counts without it."""
    receipt, rows = land(
        medicare, "carrier.csv", {"PRF_PHYSN_NPI": "9999310391", "ORG_NPI_NUM": "8888819926"}
    )
    assert (rows[0]["rendering_npi"], rows[0]["billing_npi"]) == (None, None)
    assert receipt.files[0].repairs == {"npi_check_digit": 2}
    assert SURGEON_A not in str(rows)


BAD_ROWS = [
    ({"DML_IND": "MERGE"}, "DML_IND", "unknown change of a claim"),
    ({"CLM_FROM_DT": "2026-01-05"}, "CLM_FROM_DT", "not a date"),
    ({"CLM_FROM_DT": "05-Jax-2026"}, "CLM_FROM_DT", "not a date"),
    ({"LINE_NUM": ""}, "LINE_NUM", "no claim_line_number"),
    ({"BENE_ID": ""}, "BENE_ID", "no patient identifier"),
    ({"LINE_SRVC_CNT": "1,5"}, "whole line", "too many fields"),
]


def test_bad_rows_name_the_column_that_was_delivered(medicare: Inbox) -> None:
    """Quarantine speaks of DML_IND and BENE_ID, not of canonical names the sender has never seen."""
    receipt, rows = land(medicare, "carrier.csv", {}, *(change for change, _, _ in BAD_ROWS))
    assert len(rows) == 1
    refused = [(row["column_name"], row["reason"]) for row in medicare.rows("quarantine")]
    # csv_bytes quotes the comma's field, and the comma becomes a delimiter inside the quotes.
    assert refused[:5] == [(column, reason) for _, column, reason in BAD_ROWS[:5]]
    assert receipt.delivered_rows == receipt.accepted_rows + receipt.quarantined_rows == 1 + len(BAD_ROWS)


# How a whole file drifts from its layout; a word of the refusal.
DRIFTS: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda raw: raw.replace(b"LINE_SRVC_CNT", b"LINE_SERVICE_CNT", 1), "looks like it under another name"),
    (lambda raw: raw.replace(b"|", b","), "not separated by '|'"),
    (lambda raw: raw.decode().encode("utf-16"), ""),
    (lambda raw: raw.replace(b"-2026", b"-26"), "all of its"),
    (lambda raw: raw.replace(b"DML_IND|", b"", 1), "dml_ind is missing"),
]


@pytest.mark.parametrize(("drift", "word"), DRIFTS)
def test_a_drifted_file_is_blocked_whole(medicare: Inbox, drift: Callable[[bytes], bytes], word: str) -> None:
    """A renamed column, another delimiter or encoding, another type: nothing of the file gets in, earlier ones stay."""
    good = rif_files()
    medicare.land_one({"carrier.csv": good["carrier.csv"]}, {"source": "rif", "known_on": "2026-03-31"})
    before = medicare.lake_bytes()
    said = {"source": "rif", "refresh_id": "rif.next", "known_on": "2026-04-30"}
    receipt = medicare.land_one({"carrier_next.csv": drift(good["carrier.csv"])}, said)
    assert receipt.status == "refused"
    assert any(word in problem.message for problem in receipt.problems), receipt.problems
    assert all(problem.remedy for problem in receipt.problems)
    assert {k: v for k, v in medicare.lake_bytes().items() if "refused" not in k} == before
