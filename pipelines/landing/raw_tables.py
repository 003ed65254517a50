"""The raw tables as landing writes them: columns and DuckDB types, in the order of docs/architecture.md."""

from __future__ import annotations

import pyarrow as pa

TEXT, INTEGER, NUMBER, DATE, TEXTS = "VARCHAR", "BIGINT", "DOUBLE", "DATE", "VARCHAR[]"
INTEGERS, FLAG = "BIGINT[]", "BOOLEAN"

# Every raw row says where it came from and since when it is known.
PROVENANCE = {
    "source": TEXT,
    "refresh_id": TEXT,
    "known_on": DATE,
    "file_sha256": TEXT,
    "row_number": INTEGER,
}

MEDICAL_CLAIM = {
    "claim_id": TEXT,
    "claim_chain_id": TEXT,
    "prior_claim_id": TEXT,
    "claim_line_number": INTEGER,
    "claim_type": TEXT,
    "claim_frequency_code": TEXT,
    "claim_status": TEXT,
    "patient_token": TEXT,
    "payer": TEXT,
    "plan": TEXT,
    "payer_channel": TEXT,
    "claim_start_date": DATE,
    "claim_end_date": DATE,
    "claim_line_start_date": DATE,
    "claim_line_end_date": DATE,
    "place_of_service_code": TEXT,
    "bill_type_code": TEXT,
    "revenue_center_code": TEXT,
    "drg_code": TEXT,
    "service_unit_quantity": NUMBER,
    "hcpcs_code": TEXT,
    "hcpcs_modifiers": TEXTS,
    "rendering_npi": TEXT,
    "operating_npi": TEXT,
    "referring_npi": TEXT,
    "billing_npi": TEXT,
    "facility_npi": TEXT,
    "paid_date": DATE,
    "paid_amount": NUMBER,
    "allowed_amount": NUMBER,
    "charge_amount": NUMBER,
    "diagnosis_codes": TEXTS,
    "diagnosis_pointers": INTEGERS,
    "diagnosis_code_type": TEXT,
    "icd10pcs_codes": TEXTS,
}

PART_B_VOLUME = {
    "service_year": INTEGER,
    "rendering_npi": TEXT,
    "provider_city": TEXT,
    "provider_state": TEXT,
    "provider_zip": TEXT,
    "provider_type": TEXT,
    "hcpcs_code": TEXT,
    "place_of_service": TEXT,
    "beneficiaries": INTEGER,
    "services": NUMBER,
    "average_payment_usd": NUMBER,
}

PROVIDER = {
    "npi": TEXT,
    "entity_type_code": TEXT,
    "provider_name": TEXT,
    "primary_taxonomy_code": TEXT,
    "taxonomy_codes": TEXTS,
    "specialty": TEXT,
    "practice_city": TEXT,
    "practice_state": TEXT,
    "practice_zip": TEXT,
    "is_practice_po_box": FLAG,
    "mailing_zip": TEXT,
    "enumeration_date": DATE,
    "deactivation_date": DATE,
    "reactivation_date": DATE,
    "last_updated": DATE,
}

# Practice locations beside the one of raw/provider, and names beside the legal one.
PROVIDER_SITE = {
    "npi": TEXT,
    "practice_city": TEXT,
    "practice_state": TEXT,
    "practice_zip": TEXT,
    "is_practice_po_box": FLAG,
}

PROVIDER_NAME = {
    "npi": TEXT,
    "other_name": TEXT,
    "other_name_kind": TEXT,
}

# Hospitals of the federal lists have a CCN and no NPI: at least one of the two is there.
FACILITY = {
    "facility_npi": TEXT,
    "ccn": TEXT,
    "facility_name": TEXT,
    "facility_type": TEXT,
    "facility_ownership": TEXT,
    "facility_state": TEXT,
    "facility_zip": TEXT,
    "health_system_id": TEXT,
    "health_system_name": TEXT,
}

ELIGIBILITY = {
    "patient_token": TEXT,
    "payer": TEXT,
    "plan": TEXT,
    "payer_channel": TEXT,
    "state": TEXT,
    "enrollment_start_date": DATE,
    "enrollment_end_date": DATE,
}

QUARANTINE = {
    "file_name": TEXT,
    "entity": TEXT,
    "column_name": TEXT,
    "value": TEXT,
    "reason": TEXT,
    "remedy": TEXT,
}

REFRESH = {
    "file_name": TEXT,
    "entity": TEXT,
    "layout": TEXT,
    "delivered_rows": INTEGER,
    "accepted_rows": INTEGER,
    "quarantined_rows": INTEGER,
    "service_from": DATE,
    "service_to": DATE,
}

# Tables that a layout may fill, by entity.
ENTITY_TABLES = {
    "medical_claim": MEDICAL_CLAIM,
    "part_b_volume": PART_B_VOLUME,
    "provider": PROVIDER,
    "provider_site": PROVIDER_SITE,
    "provider_name": PROVIDER_NAME,
    "facility": FACILITY,
    "eligibility": ELIGIBILITY,
}
RAW_TABLES = {**ENTITY_TABLES, "quarantine": QUARANTINE, "refresh": REFRESH}

_ARROW_TYPES = {
    TEXT: pa.string(),
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    DATE: pa.date32(),
    TEXTS: pa.list_(pa.string()),
    INTEGERS: pa.list_(pa.int64()),
    FLAG: pa.bool_(),
}


def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of a raw table, provenance columns last."""
    columns = {**RAW_TABLES[table], **PROVENANCE}
    return pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in columns.items()])
