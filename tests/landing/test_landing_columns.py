"""Finding the fields of a layout among delivered columns."""

from __future__ import annotations

import pytest
from hand_made_deliveries import CLAIM

from pipelines.landing.columns import DIRECT_IDENTIFIERS, match_columns, normalise
from pipelines.landing.layouts import LAYOUTS
from pipelines.landing.raw_tables import ENTITY_TABLES

TUVA = LAYOUTS["tuva"]


def renamed(old: str, new: str) -> list[str]:
    return [new if name == old else name for name in CLAIM]


def test_letter_case_order_and_blanks_do_not_matter() -> None:
    """The same columns in another order and spelling are the same columns."""
    spelled = [name.upper().replace("_", " ") for name in reversed(CLAIM)]
    match = match_columns(TUVA, "x.csv", spelled)
    assert match.problems == ()
    assert {field: normalise(name) for field, name in match.delivered.items()} == {
        name: name for name in CLAIM
    }


def test_the_older_column_set_is_found_by_synonyms() -> None:
    """patient_id and ms_drg_code stand for person_id and drg_code; payer and plan may be absent."""
    older = {"person_id": "patient_id", "drg_code": "ms_drg_code"}
    columns = [older.get(name, name) for name in CLAIM if name not in ("payer", "plan")]
    match = match_columns(TUVA, "x.csv", columns)
    assert match.problems == ()
    assert match.delivered["person_id"] == "patient_id"
    assert match.delivered["drg_code"] == "ms_drg_code"


def test_a_member_id_beside_a_person_id_is_not_the_person() -> None:
    """member_id identifies only where nothing better does; beside person_id it is not even read."""
    match = match_columns(TUVA, "x.csv", [*CLAIM, "member_id"])
    assert match.delivered["person_id"] == "person_id"
    assert "member_id" not in (*match.delivered.values(), *match.unknown, *match.identifiers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("claim_id", "claim_identifier"),
        ("rendering_npi", "rendering_npi_number"),
        ("hcpcs_code", "hcpc_code"),
    ],
)
def test_a_renamed_required_column_is_named(old: str, new: str) -> None:
    """One problem says which column is missing and which one it probably has become."""
    problems = match_columns(TUVA, "claims.csv", renamed(old, new)).problems
    assert len(problems) == 1
    assert problems[0].place == f"header, column {old}"
    assert problems[0].value == new
    assert problems[0].remedy == f"Rename {new} to {old}."


def test_a_missing_required_column_without_likeness_is_just_missing() -> None:
    """No far-fetched suggestion is made."""
    problems = match_columns(TUVA, "claims.csv", [name for name in CLAIM if name != "claim_id"]).problems
    assert [(problem.value, problem.remedy) for problem in problems] == [("", "Deliver claim_id.")]


def test_a_renamed_optional_column_does_not_become_nulls() -> None:
    """paid_amount renamed would silently be empty, so the file is refused; a new unlike column is only noted."""
    match = match_columns(TUVA, "claims.csv", [*renamed("paid_amount", "paid_amnt"), "network_tier"])
    assert [problem.place for problem in match.problems] == ["header, column paid_amount"]
    assert match.unknown == ("paid_amnt", "network_tier")


def test_a_numbered_sibling_is_not_a_renamed_column() -> None:
    """diagnosis_code_26 is no renamed diagnosis_code_4."""
    assert match_columns(TUVA, "claims.csv", [*CLAIM, "diagnosis_code_26"]).problems == ()


def test_a_used_column_may_not_occur_twice() -> None:
    """Which of two claim_id columns is meant cannot be known."""
    problems = match_columns(TUVA, "claims.csv", [*CLAIM, "Claim ID"]).problems
    assert [problem.message for problem in problems] == ["the column occurs more than once"]


@pytest.mark.parametrize(
    "name",
    ["first_name", "last_name", "patient_name", "name", "ssn", "social_security_number", "birth_date", "date_of_birth",
     "dob", "member_dob_dt", "ssn_nbr", "passport_no", "ip_address", "mrn_number",
     "phone", "phone_number", "email", "email_address", "address", "address_line_1", "street_address",
     "member_first_name", "patient_dob", "mrn", "subscriber_id", "mbi"],
)  # fmt: skip
def test_direct_identifiers_are_recognised(name: str) -> None:
    """Columns that name a patient are found in the spellings vendors use."""
    assert DIRECT_IDENTIFIERS.fullmatch(name)
    assert match_columns(TUVA, "x.csv", [*CLAIM, name]).identifiers == (name,)


@pytest.mark.parametrize(
    "name", [*CLAIM, "file_name", "data_source", "rendering_name", "admission_date", "plan_name"]
)
def test_columns_about_claims_name_nobody(name: str) -> None:
    """No column of the layout is mistaken for an identifier, or every file would be refused."""
    assert not DIRECT_IDENTIFIERS.fullmatch(name)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_fill_existing_tables(layout: object) -> None:
    """Every layout names a raw table, and no two of its fields share a name or synonym."""
    assert layout.entity in ENTITY_TABLES  # type: ignore[attr-defined]
    names = [name for field in layout.fields for name in (field.name, *field.synonyms)]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))
    assert all(name == normalise(name) for name in names)
