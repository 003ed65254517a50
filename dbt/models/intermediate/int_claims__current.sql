{#
  A view on purpose: what is retired is a small table, and each reader needs few of the columns, so reading the
  Parquet again costs less than writing all lines once.
#}
{{ config(materialized='view') }}

select
    line.source,
    line.refresh_id,
    line.known_on,
    line.claim_id,
    line.claim_chain_id,
    line.claim_line_number,
    line.claim_type,
    line.claim_status,
    line.patient_token,
    line.patient_key,
    line.payer_channel,
    line.claim_start_date,
    line.service_date,
    line.day_key,
    line.claim_day_key,
    line.place_of_service_code,
    line.revenue_center_code,
    line.service_unit_quantity,
    line.hcpcs_code,
    line.hcpcs_modifiers,
    line.rendering_npi,
    line.operating_npi,
    line.referring_npi,
    line.billing_npi,
    line.facility_npi,
    line.allowed_amount,
    line.charge_amount,
    line.diagnosis_codes,
    line.diagnosis_pointers,
    line.diagnosis_code_type,
    line.icd10pcs_codes
from {{ ref('stg_claims__lines') }} as line
left join {{ ref('int_claims__retired') }} as retired
    on
        line.file_row_number = retired.file_row_number
        and line.file_sha256 = retired.file_sha256
        and line.refresh_id = retired.refresh_id
        and retired.known_again_order is null
where retired.file_row_number is null
