"""What refuses a Tuva claim line, and what is mended in one: rules and repairs of `tuva_medical_claim`."""

from __future__ import annotations

from pipelines.landing.layouts.contract import FileContext, Repair, Rule
from pipelines.landing.sql_expressions import changed, literal, lost

FIRST_CREDIBLE_DATE = "DATE '1900-01-01'"
TEST_PATIENT_PREFIXES = "(TEST|ZZTEST|ZZZTEST|DUMMY)"
CODES = {
    # canonical column: (digits with leading zeros, what the whole code must look like)
    "place_of_service_code": (2, "[0-9]{2}"),
    "revenue_center_code": (4, "[0-9]{4}"),
    "drg_code": (3, "[0-9]{3}"),
}
NPIS = ("rendering_npi", "operating_npi", "referring_npi", "billing_npi", "facility_npi")


def rules(context: FileContext) -> tuple[Rule, ...]:
    known_on = literal(context.known_on)
    return (
        Rule("claim_id", "claim_id IS NULL", "no claim_id", "Deliver the claim's identifier on each line."),
        Rule(
            "claim_line_number",
            "claim_line_number IS NULL",
            "no claim_line_number",
            "Number the lines of a claim from 1.",
        ),
        Rule(
            "person_id",
            "person_id IS NULL",
            "no patient identifier",
            "Deliver person_id (or patient_id) on each line: services are counted per patient.",
        ),
        Rule(
            "person_id",
            f"regexp_matches(upper(person_id), '^{TEST_PATIENT_PREFIXES}')",
            "test patient",
            "Leave test patients out of the delivery.",
            "'***'",
        ),
        Rule(
            "claim_start_date",
            "service_date IS NULL",
            "no service date",
            "Deliver claim_line_start_date or claim_start_date.",
        ),
        Rule(
            "claim_start_date",
            f"service_date > {known_on}",
            "service date after the delivery was known",
            "Correct the date, or known_on in the manifest if that is wrong.",
            "service_date::VARCHAR",
        ),
        Rule(
            "claim_start_date",
            f"service_date < {FIRST_CREDIBLE_DATE}",
            "service date before 1900",
            "Deliver the true date of service; leave placeholders empty.",
            "service_date::VARCHAR",
        ),
        Rule(
            "hcpcs_code",
            "NOT regexp_full_match(hcpcs_text, '[A-Z0-9]{5}')",
            "impossible HCPCS code",
            "An HCPCS code has five letters or digits; modifiers and revenue codes have own columns.",
            "hcpcs_code",
        ),
        Rule(
            "claim_frequency_code",
            "NOT regexp_full_match(frequency_text, '[0-9A-Z]')",
            "impossible claim frequency code",
            "Deliver one character: 1 original, 7 replacement, 8 void.",
            "claim_frequency_code",
        ),
    )


def repairs(diagnoses: range, modifiers: range) -> tuple[Repair, ...]:
    return (
        Repair(
            "npi_check_digit",
            " + ".join(lost(npi, f"{npi}_clean") for npi in NPIS),
            "NPIs are not ten digits with a correct check digit and were left empty",
        ),
        *(
            Repair(
                f"{code}_leading_zeros",
                f"({changed(f'{code}_text', f'{code}_clean')})",
                f"values of {code} had lost leading zeros, which were put back",
            )
            for code in CODES
        ),
        *(
            Repair(
                f"{code}_shape",
                lost(code, f"{code}_clean"),
                f"values of {code} have an impossible shape and were left empty",
            )
            for code in CODES
        ),
        Repair(
            "bill_type_code_shape",
            lost("bill_type_code", "bill_type_clean"),
            "bill types have an impossible shape and were left empty",
        ),
        Repair(
            "bill_type_frequency_letter",
            "coalesce(frequency_text IS NULL AND claim_type_clean = 'institutional' "
            "AND regexp_matches(bill_type_clean, '[FGHIJKMP]$'), false)::INTEGER",
            "bill types end in a letter (as 13I: an adjustment by the payer, read as a replacement)",
        ),
        Repair(
            "claim_type_derived",
            "(claim_type IS NULL)::INTEGER",
            "lines had no claim_type; it was taken from the bill type, revenue code or place of service",
        ),
        Repair(
            "hcpcs_modifier_shape",
            " + ".join(lost(f"hcpcs_modifier_{i}", f"modifier_{i}") for i in modifiers) or "0",
            "modifiers are not two letters or digits and were left out",
        ),
        Repair(
            "diagnosis_code_shape",
            " + ".join(lost(f"diagnosis_code_{i}", f"diagnosis_{i}") for i in diagnoses),
            "diagnosis codes have an impossible shape; their places were left empty",
        ),
    )
