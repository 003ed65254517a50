{#
  The lines of contested chains, with what their versions are compared by. `content_key` is the same for a line that was
  sent again unchanged; `version_rank` orders the lines of a component by `paid_date` where they have one, then by
  refresh, then by content, and comes to the place in the file only between rows that say the same. Deliveries of one
  source that became known on one day are parts of one refresh: between them nothing is later (`part_of_order`).
#}
with refreshes as (
    select distinct
        refresh_id,
        cast(refresh_order as integer) as refresh_order,
        cast(min(refresh_order) over (partition by source, known_on) as integer) as part_of_order
    from {{ ref('stg_landing__refreshes') }}
),

lines as (
    select
        line.source,
        line.refresh_id,
        line.file_sha256,
        line.file_row_number,
        refresh.refresh_order,
        refresh.part_of_order,
        line.chain_key,
        coalesce(chain.component_key, line.chain_key) as component_key,
        chain.component_key is not null as is_linked,
        line.claim_id,
        line.claim_line_number,
        line.claim_type,
        line.claim_frequency_code,
        line.paid_date,
        line.service_date,
        line.service_date > line.known_on as is_ahead,
        line.hcpcs_code is not null as has_procedure,
        line.service_date is not null and line.patient_key is not null as has_date_and_patient,
        case
            when line.patient_key is not null and line.service_date is not null
                then {{ day_key('line.patient_key', 'line.service_date') }}
        end as day_key,
        line.claim_day_key,
        line.patient_key,
        line.hcpcs_code,
        line.icd10pcs_codes,
        line.rendering_npi,
        {{ usd('line.allowed_amount') }} as allowed_usd,
        {{ usd('line.paid_amount') }} as paid_usd,
        {{ usd('line.charge_amount') }} as charge_usd,
        {{ row_key(['line.patient_key', 'line.service_date', 'line.hcpcs_code', 'line.hcpcs_modifiers']) }} as act_key,
        {{ row_key([
            'line.claim_id', 'line.claim_line_number', 'line.claim_frequency_code', 'line.claim_type',
            'line.claim_status', 'line.payer_channel', 'line.paid_date', 'line.patient_key', 'line.service_date',
            'line.place_of_service_code', 'line.service_unit_quantity', 'line.hcpcs_code', 'line.hcpcs_modifiers',
            'line.rendering_npi', 'line.operating_npi', 'line.billing_npi', 'line.facility_npi',
            'line.allowed_amount', 'line.paid_amount', 'line.charge_amount', 'line.diagnosis_codes',
            'line.icd10pcs_codes'
        ]) }} as content_key
    from {{ ref('stg_claims__lines') }} as line
    inner join {{ ref('int_claims__contested') }} as chain on line.chain_key = chain.chain_key
    inner join refreshes as refresh on line.refresh_id = refresh.refresh_id
)

select
    lines.*,
    claim_frequency_code <> '8'
    and (coalesce(allowed_usd, 0) < 0 or coalesce(paid_usd, 0) < 0 or coalesce(charge_usd, 0) < 0) as is_reversal,
    min(part_of_order) over (partition by component_key, content_key) as first_order,
    row_number() over (
        partition by component_key
        order by
            paid_date nulls first, part_of_order, claim_id, claim_line_number nulls first, allowed_usd nulls first,
            charge_usd nulls first, service_date nulls first, hcpcs_code nulls first, rendering_npi nulls first,
            content_key, refresh_order, file_sha256, file_row_number
    ) as version_rank
from lines
