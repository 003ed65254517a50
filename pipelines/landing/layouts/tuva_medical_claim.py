"""Medical claim lines in the Tuva input layer, in both of its column sets.

The current set has `person_id`, `payer`, `plan` and `drg_code`; the older one `patient_id` and `ms_drg_code`
and no payer. `claim_frequency_code`, `prior_claim_id`, `claim_status`, `operating_npi`, `referring_npi` and
`diagnosis_pointers` belong to neither and are honoured where a vendor adds them.
"""

from __future__ import annotations

from pipelines.landing.layouts.claim_lines import (
    CLAIM_FIELDS,
    DIAGNOSES,
    MODIFIERS,
    PROCEDURES,
    ClaimFields,
    canonical_claim,
    delivered_positions,
)
from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout

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
    Field("diagnosis_pointers"),
    Field("diagnosis_code_type"),
    Field("procedure_code_type"),
    *(Field(f"procedure_code_{i}") for i in PROCEDURES),
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
    r"procedure_date_\d+",
    r"in_network_flag",
    r"data_source",
    r"file_name",
    r"ingest_datetime",
)


def canonical(context: FileContext) -> CanonicalSql:
    # Every field has its canonical name; those that were not delivered are null already.
    given = {name: name for name in CLAIM_FIELDS}
    if "diagnosis_pointers" not in context.delivered_fields:
        del given["diagnosis_pointers"]
    return canonical_claim(
        context,
        ClaimFields(
            given=given,
            diagnoses=delivered_positions("diagnosis_code", DIAGNOSES, context),
            modifiers=delivered_positions("hcpcs_modifier", MODIFIERS, context),
            procedures=delivered_positions("procedure_code", PROCEDURES, context)
            if "procedure_code_type" in context.delivered_fields
            else (),
        ),
    )


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
