{#
  Current lines that tell of a procedure done to a person on a day, each with who could have performed it and where it
  could have happened (macros/attribution.sql).
#}
{{ config(materialized='view') }}

with flagged as (
    select
        *,
        {{ is_assistant('hcpcs_modifiers') }} as is_assistant,
        {{ holds_any('hcpcs_modifiers', ['76', '77']) }} as is_repeat,
        case
            when {{ holds_any('hcpcs_modifiers', ['26']) }} then 'professional'
            when {{ holds_any('hcpcs_modifiers', ['TC']) }} then 'technical'
            else 'global'
        end as component
    from {{ ref('int_claims__current') }}
    where hcpcs_code is not null and service_date is not null and patient_token is not null
)

select
    line.source,
    line.refresh_id,
    line.claim_id,
    line.claim_line_number,
    line.claim_type,
    line.patient_key,
    line.payer_channel,
    line.service_date,
    line.hcpcs_code,
    line.service_unit_quantity,
    line.allowed_amount,
    line.charge_amount,
    line.is_assistant,
    line.is_repeat,
    line.component,
    {{ performer_candidate('line', 'renderer', 'biller') }} as performer_candidate,
    {{ site_candidate('line', 'biller') }} as site_candidate
from flagged as line
left join {{ ref('int_providers__located') }} as renderer on line.rendering_npi = renderer.npi
left join {{ ref('int_providers__located') }} as biller on line.billing_npi = biller.npi
