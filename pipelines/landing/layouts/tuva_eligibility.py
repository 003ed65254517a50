"""Who was covered by whom and when: enrolment spans in the Tuva input layer, as far as captured lives need them.

The layout's columns with names, addresses and dates of birth must be left out by the sender: a file that has
them is refused
like any other that names people.
"""

from __future__ import annotations

from pipelines.landing.layouts.claim_lines import payer_channel
from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair, Rule
from pipelines.landing.patient_token import token_sql
from pipelines.landing.sql_expressions import literal, lost

STATES_BY_NAME = {
    "alabama": "AL", "alaska": "AK", "american samoa": "AS", "arizona": "AZ", "arkansas": "AR", "california": "CA",
    "colorado": "CO", "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL",
    "georgia": "GA", "guam": "GU", "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA",
    "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA",
    "michigan": "MI", "minnesota": "MN", "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE",
    "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM", "new york": "NY",
    "north carolina": "NC", "north dakota": "ND", "northern mariana islands": "MP", "ohio": "OH", "oklahoma": "OK",
    "oregon": "OR", "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI", "south carolina": "SC",
    "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT", "virgin islands": "VI",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip

FIELDS = (
    Field("person_id", synonyms=("patient_id", "member_id"), required=True),
    Field("enrollment_start_date", "date", required=True),
    Field("enrollment_end_date", "date", required=True),
    Field("payer", required=True),
    Field("payer_type"),
    Field("plan"),
    Field("state"),
)

KNOWN_UNUSED = (
    r"member_id|patient_id",
    r"gender|race|ethnicity",
    r"death_(date|flag)",
    r"(original_reason_entitlement|dual_status|medicare_status)_code",
    r"group_(id|name)",
    r"subscriber_relation",
    r"(city|county|zip_code|latitude|longitude)",
    r"data_source|file_name|ingest_datetime",
    r"enrollment_status|enrollment_duration_months|transplant_duration_months",
    r"(hospice|snp|esrd|medicaid|long_term|part_d|low_income|metal|csr).*",
)


def canonical(context: FileContext) -> CanonicalSql:
    names = " ".join(f"WHEN {literal(name)} THEN {literal(code)}" for name, code in STATES_BY_NAME.items())
    codes = ", ".join(literal(code) for code in STATES_BY_NAME.values())
    derived = {
        "state_clean": f"CASE WHEN upper(trim(state)) IN ({codes}) THEN upper(trim(state)) "
        f"ELSE CASE lower(trim(state)) {names} END END",
        "type_clean": "CASE WHEN lower(payer_type) IN ('medicare', 'medicaid', 'commercial') THEN lower(payer_type) END",
        "channel": payer_channel(context, "type_clean"),
    }
    columns = {
        "patient_token": token_sql("person_id", context.token_domain),
        "payer": "payer",
        "plan": "plan",
        "payer_channel": "channel",
        "state": "state_clean",
        "enrollment_start_date": "enrollment_start_date",
        "enrollment_end_date": "enrollment_end_date",
    }
    rules = (
        Rule(
            "person_id",
            "person_id IS NULL",
            "no person",
            "A span without a person is nobody's life: fill in person_id.",
        ),
        Rule(
            "enrollment_start_date",
            "enrollment_start_date IS NULL",
            "no first day",
            "Give the first day of the span.",
        ),
        Rule(
            "enrollment_end_date",
            "enrollment_end_date < enrollment_start_date",
            "the span ends before it begins",
            "Correct the two dates; an empty last day is an open span.",
            "enrollment_end_date::VARCHAR",
        ),
    )
    repairs = (
        Repair("state_shape", lost("state", "state_clean"), "states are not US states and were left empty"),
    )
    return CanonicalSql(derived, columns, rules, repairs)


TUVA_ELIGIBILITY = Layout(
    name="tuva_eligibility",
    entity="eligibility",
    fields=FIELDS,
    canonical=canonical,
    known_unused=KNOWN_UNUSED,
    holds_patients=True,
    label_date=Field("file_date", "date"),
    event_dates=("enrollment_start_date",),
)
