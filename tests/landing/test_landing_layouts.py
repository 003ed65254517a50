"""Golden rows: what each layout makes of lines written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hand_made_deliveries import (
    GOOD_NPI,
    OTHER_NPI,
    Inbox,
    claim,
    csv_bytes,
    parquet_bytes,
    typed_claims,
)

from pipelines.landing.patient_token import TokenKey, token_of
from pipelines.landing.raw_tables import arrow_schema
from pipelines.landing.receipt import Receipt

DEVELOPMENT = TokenKey("development", "claimline-development-key-protects-nobody")


def land_claims(inbox: Inbox, *rows: dict[str, Any]) -> tuple[Receipt, list[dict[str, Any]]]:
    receipt = inbox.land_one({"medical_claim.csv": csv_bytes(rows)})
    return receipt, inbox.rows("medical_claim")


def test_a_good_line_becomes_the_contracted_row(inbox: Inbox) -> None:
    """Every column of raw/medical_claim, in order and typed, from one delivered line."""
    receipt, rows = land_claims(
        inbox,
        claim(hcpcs_modifier_1=" rt", hcpcs_modifier_2="59", diagnosis_code_3="e11.9", hcpcs_code="j7325 "),
    )
    assert list(rows[0]) == arrow_schema("medical_claim").names
    assert rows[0] == {
        "claim_id": "C1", "claim_chain_id": "C1", "prior_claim_id": None, "claim_line_number": 1,
        "claim_type": "professional", "claim_frequency_code": "1", "claim_status": "unknown",
        "patient_token": token_of("P-1", "vendor", DEVELOPMENT), "payer": "Medicare", "plan": "A",
        "payer_channel": "medicare", "claim_start_date": date(2026, 1, 5), "claim_end_date": date(2026, 1, 5),
        "claim_line_start_date": date(2026, 1, 5), "claim_line_end_date": date(2026, 1, 5),
        "place_of_service_code": "11", "bill_type_code": None, "revenue_center_code": None, "drg_code": None,
        "service_unit_quantity": 1.0, "hcpcs_code": "J7325", "hcpcs_modifiers": ["RT", "59"],
        "rendering_npi": GOOD_NPI, "operating_npi": None, "referring_npi": None, "billing_npi": None,
        "facility_npi": None, "paid_date": date(2026, 1, 20),
        "paid_amount": 80.0, "allowed_amount": 100.0, "charge_amount": 250.0,
        "diagnosis_codes": ["M1711", None, "E119"], "diagnosis_pointers": None,
        "diagnosis_code_type": "icd-10-cm", "icd10pcs_codes": None, "source": "vendor",
        "refresh_id": "vendor.2026-01", "known_on": date(2026, 2, 5),
        "file_sha256": receipt.files[0].sha256, "row_number": 2,
    }  # fmt: skip


def test_parquet_and_csv_of_the_same_lines_make_the_same_rows(inbox: Inbox) -> None:
    """The form of the file does not matter; only row numbers start at 1 instead of at the line after the header."""
    rows = [
        claim(paid_amount="-12.50", diagnosis_code_2="I10"),
        claim(
            claim_id="C2",
            claim_start_date="2026-01-09",
            claim_line_start_date="",
            service_unit_quantity="2.5",
        ),
    ]
    inbox.land_one({"medical_claim.csv": csv_bytes(rows)})
    inbox.land_one({"medical_claim.parquet": parquet_bytes(typed_claims(rows))}, {"refresh_id": "vendor.p"})
    landed = inbox.rows("medical_claim")
    for row in landed:
        del row["file_sha256"], row["refresh_id"]
    by_number = {row["row_number"]: row for row in landed if row["row_number"] > 1}
    first_of_parquet = next(row for row in landed if row["row_number"] == 1)
    assert first_of_parquet | {"row_number": 2} in landed
    assert len(landed) == 4
    assert by_number[3]["claim_start_date"] == date(2026, 1, 9)


def test_codes_that_a_spreadsheet_ate_get_their_zeros_back(inbox: Inbox) -> None:
    """65, 2 and 300 were 065, 02 and 0300; 11.0 was 11. Each restored zero is counted."""
    receipt, rows = land_claims(
        inbox,
        claim(drg_code="65", place_of_service_code="2", revenue_center_code="300"),
        claim(claim_id="C2", drg_code="5.0", place_of_service_code="11.0", revenue_center_code="1"),
        claim(claim_id="C3", drg_code="871", place_of_service_code="02", revenue_center_code="0300"),
    )
    found = [(r["drg_code"], r["place_of_service_code"], r["revenue_center_code"]) for r in rows]
    assert found == [("065", "02", "0300"), ("005", "11", "0001"), ("871", "02", "0300")]
    assert receipt.files[0].repairs == {
        "drg_code_leading_zeros": 2,
        "place_of_service_code_leading_zeros": 1,
        "revenue_center_code_leading_zeros": 2,
    }


FREQUENCIES = [
    # bill type and frequency as delivered, claim type; bill type and frequency as landed
    ("131", "", "institutional", "131", "1"),
    ("0137", "", "institutional", "137", "7"),
    ("138", "", "institutional", "138", "8"),
    ("130", "", "institutional", "130", "1"),
    ("134", "", "institutional", "134", "1"),
    ("13I", "", "institutional", "13I", "7"),
    ("13g", "", "institutional", "13G", "7"),
    ("81A", "", "institutional", "81A", "1"),
    ("81D", "", "institutional", "81D", "8"),
    ("137", "1", "institutional", "137", "1"),
    ("", "8", "professional", None, "8"),
    ("", "7.0", "professional", None, "7"),
    ("", "", "professional", None, "1"),
    ("138", "", "professional", "138", "1"),
    ("1317", "", "institutional", None, "1"),
    ("XYZ", "", "institutional", None, "1"),
]


def test_frequency_comes_from_its_column_else_from_the_bill_type(inbox: Inbox) -> None:
    """Replacements and voids are recognised, the payer's own adjustments (13I) count as replacements."""
    receipt, rows = land_claims(
        inbox,
        *(
            claim(bill_type_code=bill_type, claim_frequency_code=frequency, claim_type=claim_type)
            for bill_type, frequency, claim_type, _, _ in FREQUENCIES
        ),
    )
    landed = [(row["bill_type_code"], row["claim_frequency_code"]) for row in rows]
    assert landed == [(bill_type, frequency) for *_, bill_type, frequency in FREQUENCIES]
    assert receipt.files[0].repairs == {"bill_type_code_shape": 2, "bill_type_frequency_letter": 2}


def test_what_cannot_be_used_in_a_good_line_is_emptied_and_counted(inbox: Inbox) -> None:
    """A wrong NPI, modifier, diagnosis or bill type costs its own value, never the line, and never silently."""
    receipt, rows = land_claims(
        inbox,
        claim(
            rendering_npi="1497758545", billing_npi="123", facility_npi=OTHER_NPI, hcpcs_modifier_1="RIGHT",
            hcpcs_modifier_2="LT", diagnosis_code_1="?", diagnosis_code_2="I10", bill_type_code="hospital",
        ),
    )  # fmt: skip
    row = rows[0]
    assert (row["rendering_npi"], row["billing_npi"], row["facility_npi"]) == (None, None, OTHER_NPI)
    assert (row["hcpcs_modifiers"], row["diagnosis_codes"]) == (["LT"], [None, "I10"])
    assert receipt.files[0].repairs == {
        "bill_type_code_shape": 1, "diagnosis_code_shape": 1, "hcpcs_modifier_shape": 1, "npi_check_digit": 2,
    }  # fmt: skip
    assert set(receipt.files[0].repair_notes) == set(receipt.files[0].repairs)


# What is wrong with a line; column, value and reason in quarantine.
REFUSALS: list[tuple[dict[str, str], str, str | None, str]] = [
    ({"claim_id": " "}, "claim_id", None, "no claim_id"),
    ({"claim_line_number": ""}, "claim_line_number", None, "no claim_line_number"),
    ({"claim_line_number": "1.5"}, "claim_line_number", "1.5", "not a whole number"),
    ({"person_id": ""}, "person_id", None, "no patient identifier"),
    ({"person_id": "TEST0001"}, "person_id", "***", "test patient"),
    ({"claim_start_date": "", "claim_line_start_date": ""}, "claim_start_date", None, "no service date"),
    ({"claim_line_start_date": "2026-02-06"}, "claim_start_date", "2026-02-06",
     "service date after the delivery was known"),
    ({"claim_line_start_date": "1026-01-05"}, "claim_start_date", "1026-01-05", "service date before 1900"),
    ({"claim_start_date": "05.01.2026"}, "claim_start_date", "05.01.2026", "not a date"),
    ({"paid_date": "soon"}, "paid_date", "soon", "not a date"),
    ({"paid_amount": "$80"}, "paid_amount", "$80", "not a number"),
    ({"paid_amount": "P-1"}, "paid_amount", "***", "not a number"),
    ({"paid_amount": "123-45-6789"}, "paid_amount", "***", "not a number"),
    ({"hcpcs_code": "9921"}, "hcpcs_code", "9921", "impossible HCPCS code"),
    ({"claim_frequency_code": "17"}, "claim_frequency_code", "17", "impossible claim frequency code"),
]  # fmt: skip


def test_a_line_that_cannot_count_is_set_aside_with_its_reason(inbox: Inbox) -> None:
    """Each bad row is in quarantine with column, value, reason and remedy; the good row is accepted."""
    frequency = {"claim_frequency_code": "1"}
    receipt, rows = land_claims(
        inbox,
        claim(claim_id="GOOD", **frequency),
        *(claim(**(frequency | changes)) for changes, *_ in REFUSALS),
    )
    assert [row["claim_id"] for row in rows] == ["GOOD"]
    refused = inbox.rows("quarantine")
    assert [(row["column_name"], row["value"], row["reason"]) for row in refused] == [
        (column, value, reason) for _, column, value, reason in REFUSALS
    ]
    assert [row["row_number"] for row in refused] == list(range(3, 3 + len(REFUSALS)))
    assert all(row["remedy"] and row["entity"] == "medical_claim" for row in refused)
    assert {row["file_name"] for row in refused} == {"medical_claim.csv"}
    assert (
        receipt.quarantined_rows == sum(count.rows for count in receipt.files[0].quarantine) == len(REFUSALS)
    )
    not_a_number = next(count for count in receipt.files[0].quarantine if count.column_name == "paid_amount")
    assert (not_a_number.rows, not_a_number.first_row) == (3, 13)


def test_a_line_without_a_procedure_is_fine(inbox: Inbox) -> None:
    """Room and board has a revenue code and no HCPCS."""
    receipt, rows = land_claims(
        inbox,
        claim(hcpcs_code="", claim_type="institutional", bill_type_code="111", revenue_center_code="0120"),
    )
    assert receipt.quarantined_rows == 0
    assert rows[0]["hcpcs_code"] is None
    assert rows[0]["hcpcs_modifiers"] == []


def test_payers_map_to_channels_by_payer_then_plan_then_default(inbox: Inbox) -> None:
    """Letter case does not matter; what the source profile does not know gets its default."""
    _, rows = land_claims(
        inbox,
        claim(payer="MEDICARE", plan="x"),
        claim(claim_id="C2", payer="Acme", plan="Blue Cross"),
        claim(claim_id="C3", payer="Acme", plan="Acme"),
        claim(claim_id="C4", payer="", plan=""),
    )
    assert [row["payer_channel"] for row in rows] == ["medicare", "commercial", "unknown", "unknown"]


def test_tokens_hide_the_person_and_hold_over_files(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One person has one token, as text, number or float; no raw file holds the id, and the key decides."""
    monkeypatch.setenv("CLAIMLINE_TOKEN_KEY", "a secret of our own")
    key = TokenKey.from_environment()
    receipt, rows = land_claims(
        inbox,
        claim(person_id="10046"),
        claim(claim_id="C2", person_id="10046.0"),
        claim(claim_id="C3", person_id="10047"),
    )
    tokens = [row["patient_token"] for row in rows]
    assert tokens[0] == tokens[1] == token_of("10046", "vendor", key) != tokens[2]
    assert tokens[0] != token_of("10046", "vendor", DEVELOPMENT)
    assert receipt.tokens is not None
    assert (receipt.tokens.origin, receipt.tokens.fingerprint) == ("environment", key.fingerprint)
    for path in inbox.home.lake.rglob("*"):
        assert path.is_dir() or b"10046" not in path.read_bytes().replace(tokens[0].encode(), b"")


PART_B = {
    "Rndrng_NPI": GOOD_NPI, "Rndrng_Prvdr_City": "PITTSFORD,", "Rndrng_Prvdr_State_Abrvtn": "VT",
    "Rndrng_Prvdr_Zip5": "5763", "Rndrng_Prvdr_Type": "Chiropractic", "HCPCS_Cd": "98940", "Place_Of_Srvc": "O",
    "Tot_Benes": "75", "Tot_Srvcs": "304.5", "Avg_Mdcr_Pymt_Amt": "17.015888",
}  # fmt: skip


def test_medicare_volumes(inbox: Inbox) -> None:
    """One line of Part B volumes with its year from the source, its ZIP mended and a comma inside quotes."""
    inbox.deliver(
        "part b",
        {
            "part_b.csv": csv_bytes(
                [PART_B, PART_B | {"Rndrng_NPI": "1497758540"}, PART_B | {"Tot_Srvcs": ""}]
            )
        },
    )
    (receipt,) = inbox.land_all()
    (row,) = inbox.rows("part_b_volume")
    assert list(row) == arrow_schema("part_b_volume").names
    assert {name: row[name] for name in list(row)[:11]} == {
        "service_year": 2012, "rendering_npi": GOOD_NPI, "provider_city": "PITTSFORD,", "provider_state": "VT",
        "provider_zip": "05763", "provider_type": "Chiropractic", "hcpcs_code": "98940", "place_of_service": "O",
        "beneficiaries": 75, "services": 304.5, "average_payment_usd": 17.015888,
    }  # fmt: skip
    assert [r["reason"] for r in inbox.rows("quarantine")] == [
        "not a valid NPI",
        "no usable number of services",
    ]
    assert (receipt.refresh_id, receipt.known_on) == ("volumes.2012-12", date(2012, 12, 31))
    assert (receipt.service_from, receipt.service_to) == (date(2012, 1, 1), date(2012, 12, 31))
    assert receipt.tokens is None


def test_provider_directory_from_tuva_and_from_the_registry(inbox: Inbox) -> None:
    """Both column sets make the same row; of a reactivated provider both dates are kept."""
    tuva = {
        "npi": GOOD_NPI, "entity_type_code": "1", "primary_taxonomy_code": "207N00000X",
        "primary_specialty_description": "Dermatology", "provider_first_name": "Ada", "provider_last_name": "Lovelace",
        "provider_organization_name": "", "practice_city": "Loveland", "practice_state": "CO",
        "practice_zip_code": "805378817", "last_updated": "2021-10-12", "deactivation_date": "2020-01-02",
    }  # fmt: skip
    place = "Provider Business Practice Location Address"
    registry = {
        "": "7", "NPI": OTHER_NPI + ".0", "Entity Type Code": "2.0",
        "Provider Organization Name (Legal Business Name)": "Acme Clinic", "Provider Last Name (Legal Name)": "",
        "Provider First Name": "", f"{place} City Name": "Newark", f"{place} State Name": "NJ",
        f"{place} Postal Code": "76451718.0", "NPI Deactivation Date": "05/05/2008",
        "NPI Reactivation Date": "05/20/2008", "Last Update Date": "08/22/2020",
        "Healthcare Provider Taxonomy Code_1": "251G00000X", "Healthcare Provider Primary Taxonomy Switch_1": "N",
        "Healthcare Provider Taxonomy Code_2": "261Q00000X", "Healthcare Provider Primary Taxonomy Switch_2": "Y",
    }  # fmt: skip
    inbox.deliver("a", {"provider_a.csv": csv_bytes([tuva]), "provider_b.csv": csv_bytes([registry])})
    (receipt,) = inbox.land_all()
    rows = {row["npi"]: row for row in inbox.rows("provider")}
    assert list(rows[GOOD_NPI]) == arrow_schema("provider").names
    kept = (
        *("entity_type_code", "provider_name", "primary_taxonomy_code", "taxonomy_codes", "specialty"),
        *("practice_city", "practice_state", "practice_zip", "deactivation_date", "reactivation_date"),
    )
    assert [[rows[npi][name] for name in kept] for npi in (GOOD_NPI, OTHER_NPI)] == [
        ["1", "Ada Lovelace", "207N00000X", ["207N00000X"], "Dermatology", "Loveland", "CO", "80537",
         date(2020, 1, 2), None],
        ["2", "Acme Clinic", "261Q00000X", ["251G00000X", "261Q00000X"], None, "Newark", "NJ", "07645",
         date(2008, 5, 5), date(2008, 5, 20)],
    ]  # fmt: skip
    assert receipt.known_on == date(2021, 10, 12)
    assert receipt.files[1].repairs == {"reactivated": 1, "zip_leading_zeros": 1}


def test_facilities(inbox: Inbox) -> None:
    """Sites come in the columns of raw/facility; one without a usable NPI is set aside."""
    site = {
        "facility_npi": GOOD_NPI, "facility_name": "Mercy", "facility_type": "hospital", "facility_zip": "4101",
        "health_system_id": "S1", "health_system_name": "Mercy Health",
    }  # fmt: skip
    receipt = inbox.land_one({"facility.csv": csv_bytes([site, site | {"facility_npi": ""}])})
    (row,) = inbox.rows("facility")
    assert list(row) == arrow_schema("facility").names
    assert list(row.values())[:9] == [
        GOOD_NPI, None, "Mercy", "hospital", None, None, "04101", "S1", "Mercy Health",
    ]  # fmt: skip
    assert receipt.quarantined_rows == 1
