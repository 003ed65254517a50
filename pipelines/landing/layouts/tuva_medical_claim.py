"""Medical claim lines in the Tuva input layer, in both of its column sets.

The current set has `person_id`, `payer`, `plan` and `drg_code`; the older one `patient_id` and `ms_drg_code`
and no payer. `claim_frequency_code` belongs to neither and is honoured where a vendor adds it.
"""

from __future__ import annotations

from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout
from pipelines.landing.layouts.tuva_claim_rules import CODES, NPIS, repairs, rules
from pipelines.landing.patient_token import token_sql
from pipelines.landing.sql_expressions import (
    icd_code,
    is_valid_npi,
    literal,
    npi_number,
    padded_digits,
    when_matches,
    whole_number_text,
)

DIAGNOSES = range(1, 26)
MODIFIERS = range(1, 6)

# NUBC claim frequency codes. 6 and the letters F–K, M, P are adjustments of a claim sent before (G by CWF, I
# by the intermediary), so they replace it as 7 does; D voids as 8 does. All others are claims of their own:
# interim bills, late charges, notices.
REPLACEMENT_FREQUENCIES = "67FGHIJKMP"
VOID_FREQUENCIES = "8D"

FIELDS = (
    Field("claim_id", required=True),
    Field("claim_line_number", "integer", required=True),
    Field("claim_type", required=True),
    Field("claim_frequency_code"),
    Field("prior_claim_id"),
    Field("claim_status"),
    Field("person_id", synonyms=("patient_id", "member_id"), required=True),
    Field("payer"),
    Field("plan"),
    Field("claim_start_date", "date", required=True),
    Field("claim_end_date", "date"),
    Field("claim_line_start_date", "date"),
    Field("claim_line_end_date", "date"),
    Field("place_of_service_code", required=True),
    Field("bill_type_code"),
    Field("revenue_center_code"),
    Field("drg_code", synonyms=("ms_drg_code",)),
    Field("service_unit_quantity", "number"),
    Field("hcpcs_code", required=True),
    *(Field(f"hcpcs_modifier_{i}") for i in MODIFIERS),
    Field("rendering_npi", required=True),
    Field("operating_npi"),
    Field("referring_npi"),
    Field("billing_npi"),
    Field("facility_npi"),
    Field("paid_date", "date"),
    Field("paid_amount", "number"),
    Field("allowed_amount", "number"),
    Field("charge_amount", "number"),
    *(Field(f"diagnosis_code_{i}", required=i == 1) for i in DIAGNOSES),
    Field("diagnosis_code_type"),
)

KNOWN_UNUSED = (
    r"member_id",
    r"patient_id",
    r"(admission|discharge)_date",
    r"admit_(source|type)_code",
    r"discharge_disposition_code",
    r"(apr_)?drg_code(_type)?",
    r"(rendering|billing|facility)_(tin|name|id)",
    r"rendering_provider.*",
    r"(coinsurance|copayment|deductible|total_cost)_amount",
    r"diagnosis_poa_\d+",
    r"procedure_(code|date)_(type|\d+)",
    r"in_network_flag",
    r"data_source",
    r"file_name",
    r"ingest_datetime",
)


def canonical(context: FileContext) -> CanonicalSql:
    # A file with five diagnosis columns pays for five: lists end at the last delivered column.
    diagnoses = _delivered_positions("diagnosis_code", DIAGNOSES, context)
    modifiers = _delivered_positions("hcpcs_modifier", MODIFIERS, context)
    derived = {
        "service_date": "coalesce(claim_line_start_date, claim_start_date)",
        "hcpcs_text": f"upper({whole_number_text('hcpcs_code')})",
        "frequency_text": f"upper({whole_number_text('claim_frequency_code')})",
        "claim_type_text": "lower(claim_type)",
        **{f"{code}_text": whole_number_text(code) for code in (*CODES, "bill_type_code", *NPIS)},
        **{f"{code}_padded": padded_digits(f"{code}_text", CODES[code][0]) for code in CODES},
        **{f"{code}_clean": when_matches(f"{code}_padded", CODES[code][1]) for code in CODES},
        **{f"{npi}_number": npi_number(f"{npi}_text") for npi in NPIS},
        **{f"{npi}_clean": f"CASE WHEN {is_valid_npi(f'{npi}_number')} THEN {npi}_text END" for npi in NPIS},
        # The full form has a leading zero that most files leave away: 0131 and 131 are the same bill.
        "bill_type_clean": when_matches(
            "upper(CASE WHEN length(bill_type_code_text) = 4 THEN ltrim(bill_type_code_text, '0') "
            "ELSE bill_type_code_text END)",
            "[1-9][0-9][0-9A-Z]",
        ),
        "claim_type_clean": _claim_type(),
        "frequency": "coalesce(frequency_text, CASE WHEN claim_type_clean = 'institutional' "
        "THEN right(bill_type_clean, 1) END, '1')",
        **{f"modifier_{i}": _modifier(i) for i in modifiers},
        **{f"diagnosis_{i}": icd_code(f"diagnosis_code_{i}") for i in diagnoses},
    }
    columns = {
        "claim_id": "claim_id",
        "claim_chain_id": "claim_id",
        "prior_claim_id": "prior_claim_id",
        "claim_line_number": "claim_line_number",
        "claim_type": "claim_type_clean",
        "claim_frequency_code": f"CASE WHEN contains({literal(REPLACEMENT_FREQUENCIES)}, frequency) THEN '7' "
        f"WHEN contains({literal(VOID_FREQUENCIES)}, frequency) THEN '8' ELSE '1' END",
        "claim_status": "CASE WHEN lower(claim_status) IN ('paid', 'denied') THEN lower(claim_status) "
        "ELSE 'unknown' END",
        "patient_token": token_sql("person_id", context.token_domain),
        "payer": "payer",
        "plan": "plan",
        "payer_channel": _payer_channel(context),
        "claim_start_date": "claim_start_date",
        "claim_end_date": "claim_end_date",
        "claim_line_start_date": "claim_line_start_date",
        "claim_line_end_date": "claim_line_end_date",
        "place_of_service_code": "place_of_service_code_clean",
        "bill_type_code": "bill_type_clean",
        "revenue_center_code": "revenue_center_code_clean",
        "drg_code": "drg_code_clean",
        "service_unit_quantity": "service_unit_quantity",
        "hcpcs_code": "hcpcs_text",
        "hcpcs_modifiers": _present([f"modifier_{i}" for i in modifiers]),
        **{npi: f"{npi}_clean" for npi in NPIS},
        "paid_date": "paid_date",
        "paid_amount": "paid_amount",
        "allowed_amount": "allowed_amount",
        "charge_amount": "charge_amount",
        "diagnosis_codes": _positional([f"diagnosis_{i}" for i in diagnoses]),
        "diagnosis_pointers": "NULL",
        "diagnosis_code_type": "lower(diagnosis_code_type)",
        "icd10pcs_codes": "NULL",
    }
    return CanonicalSql(
        derived,
        columns,
        rules(context),
        repairs(diagnoses, modifiers),
        service_span=("service_date", "service_date"),
    )


def _delivered_positions(column: str, positions: range, context: FileContext) -> range:
    last = max((i for i in positions if f"{column}_{i}" in context.delivered_fields), default=0)
    return range(1, last + 1)


def _claim_type() -> str:
    return (
        "CASE WHEN claim_type_text IN ('professional', 'institutional') THEN claim_type_text "
        "WHEN claim_type_text IS NOT NULL THEN 'other' "
        "WHEN bill_type_code IS NOT NULL OR revenue_center_code IS NOT NULL THEN 'institutional' "
        "WHEN place_of_service_code IS NOT NULL THEN 'professional' ELSE 'other' END"
    )


def _payer_channel(context: FileContext) -> str:
    """The channel of the payer's text, else of the plan's, else the source's default."""
    default = literal(context.default_payer_channel)
    if not context.payer_channels:
        return default
    cases = " ".join(
        f"WHEN {literal(text.strip().lower())} THEN {literal(channel)}"
        for text, channel in sorted(context.payer_channels.items())
    )
    return f"coalesce(CASE lower(payer) {cases} END, CASE lower(plan) {cases} END, {default})"


def _modifier(position: int) -> str:
    return when_matches(f"upper(hcpcs_modifier_{position})", "[A-Z0-9]{2}")


def _present(expressions: list[str]) -> str:
    """The values that are not null, in order."""
    return f"list_filter([{', '.join(expressions)}]::VARCHAR[], lambda value: value IS NOT NULL)"


def _positional(expressions: list[str]) -> str:
    """All values up to the last that is not null: the first place stays the first, gaps stay null."""
    last = " ".join(
        f"WHEN {expression} IS NOT NULL THEN {position}"
        for position, expression in reversed(list(enumerate(expressions, start=1)))
    )
    return f"list_slice([{', '.join(expressions)}], 1, CASE {last} ELSE 0 END)"


TUVA_MEDICAL_CLAIM = Layout(
    name="tuva",
    entity="medical_claim",
    fields=FIELDS,
    canonical=canonical,
    known_unused=KNOWN_UNUSED,
    holds_patients=True,
    label_date=Field("file_date", "date"),
    event_dates=("claim_line_start_date", "claim_start_date"),
)
