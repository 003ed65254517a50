-- Claim lines as delivered, with the dates resolved: a line's own start date, or else the claim's.
select
    source,
    refresh_id,
    known_on,
    file_sha256,
    row_number as file_row_number,
    claim_id,
    claim_chain_id,
    prior_claim_id,
    {{ row_key(['source', 'coalesce(claim_chain_id, claim_id)']) }} as chain_key,
    claim_line_number,
    claim_type,
    coalesce(claim_frequency_code, '1') as claim_frequency_code,
    claim_status,
    patient_token,
    case when patient_token is not null then {{ row_key(['patient_token']) }} end as patient_key,
    payer_channel,
    claim_start_date,
    coalesce(claim_line_start_date, claim_start_date) as service_date,
    case
        when patient_token is not null and coalesce(claim_line_start_date, claim_start_date) is not null
            then {{ day_key(row_key(['patient_token']), 'coalesce(claim_line_start_date, claim_start_date)') }}
    end as day_key,
    case
        when patient_token is not null and coalesce({{ length_of('icd10pcs_codes') }}, 0) > 0
            then {{ day_key(row_key(['patient_token']), 'coalesce(claim_start_date, claim_line_start_date)') }}
    end as claim_day_key,
    place_of_service_code,
    revenue_center_code,
    service_unit_quantity,
    hcpcs_code,
    hcpcs_modifiers,
    rendering_npi,
    operating_npi,
    referring_npi,
    billing_npi,
    facility_npi,
    paid_date,
    paid_amount,
    allowed_amount,
    charge_amount,
    diagnosis_codes,
    diagnosis_pointers,
    diagnosis_code_type,
    icd10pcs_codes
from {{ lake(source('raw', 'medical_claim')) }}
