"""What refuses a claim line of any layout, and what is mended in one."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.landing.layouts.contract import FileContext, Repair, Rule
from pipelines.landing.sql_expressions import changed, literal, lost

FIRST_CREDIBLE_DATE = "DATE '1900-01-01'"
CODES = {
    # canonical column: (digits with leading zeros, what the whole code must look like)
    "place_of_service_code": (2, "[0-9]{2}"),
    "revenue_center_code": (4, "[0-9]{4}"),
    "drg_code": (3, "[0-9]{3}"),
}
NPIS = ("rendering_npi", "operating_npi", "referring_npi", "billing_npi", "facility_npi")


def rules(context: FileContext) -> tuple[Rule, ...]:
    known_on = literal(context.known_on)
    test_patients = "|".join(f"(?:{pattern})" for pattern in context.test_patients)
    own_codes = ", ".join(literal(code) for code in (*context.replacement_codes, *context.void_codes))
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
            f"regexp_matches(upper(person_id), {literal(f'^(?:{test_patients})')})"
            if test_patients
            else "false",
            "test patient",
            "Leave test patients out of the delivery, or change the source's test_patients if this is a person.",
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
            f"NOT (regexp_full_match(frequency_text, '[0-9A-Z]') OR frequency_text IN ({own_codes}))",
            "impossible claim frequency code",
            "Deliver one character (1 original, 7 replacement, 8 void), or say in the source's frequency_codes "
            "what its codes mean.",
            "claim_frequency_code",
        ),
    )


def repairs(
    diagnoses: Sequence[str], modifiers: Sequence[str], procedures: Sequence[str]
) -> tuple[Repair, ...]:
    """Repairs of a line whose raw codes are these SQL expressions, by position."""
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
            " + ".join(lost(sql, f"modifier_{i}") for i, sql in enumerate(modifiers, start=1)) or "0",
            "modifiers are not two letters or digits and were left out",
        ),
        Repair(
            "diagnosis_code_shape",
            " + ".join(lost(sql, f"diagnosis_{i}") for i, sql in enumerate(diagnoses, start=1)) or "0",
            "diagnosis codes have an impossible shape; their places were left empty",
        ),
        Repair(
            "diagnosis_code_of_icd9",
            # Digits sort before letters, and no ICD-10-CM code begins with a digit.
            " + ".join(
                f"coalesce(diagnosis_{i} < 'A', false)::INTEGER" for i, _ in enumerate(diagnoses, start=1)
            )
            or "0",
            "diagnosis codes begin with a digit: ICD-9, which no ICD-10 value set matches; they were kept",
        ),
        Repair(
            "icd10pcs_code_shape",
            " + ".join(
                f"(is_pcs AND {sql} IS NOT NULL AND icd10pcs_{i} IS NULL)::INTEGER"
                for i, sql in enumerate(procedures, start=1)
            )
            or "0",
            "procedure codes are not seven characters of ICD-10-PCS and were left out",
        ),
    )
