{#
  Current lines that tell of a person treated on a day, each with who could have performed and where it could have
  happened. A candidate is one rank digit followed by the NPI, so that the least text over several lines of a service
  is the best candidate, whatever the order of the lines.
#}
{{ config(materialized='view') }}

with flagged as (
    select
        *,
        {{ holds_any('hcpcs_modifiers', ['80', '81', '82', 'AS']) }} as is_assistant,
        {{ holds_any('hcpcs_modifiers', ['76', '77']) }} as is_repeat,
        case
            when {{ holds_any('hcpcs_modifiers', ['26']) }} then 'professional'
            when {{ holds_any('hcpcs_modifiers', ['TC']) }} then 'technical'
            else 'global'
        end as component
    from {{ ref('int_claims__current') }}
    where service_date is not null and patient_token is not null
)

select
    line.source,
    line.refresh_id,
    line.claim_id,
    line.claim_line_number,
    line.claim_type,
    line.patient_token,
    line.payer_channel,
    line.service_date,
    line.hcpcs_code,
    line.service_unit_quantity,
    line.allowed_amount,
    line.charge_amount,
    line.diagnosis_codes,
    line.diagnosis_code_type,
    line.is_assistant,
    line.is_repeat,
    line.component,
    -- The performer is a person, never a group and never an assistant. A rendering NPI that no directory knows is
    -- taken for a person, unless it is the NPI of the place; a billing NPI only if a directory says so.
    case
        when line.is_assistant then null
        when
            coalesce(renderer.entity_type_code, '1') = '1'
            and line.rendering_npi <> coalesce(line.facility_npi, '')
            then
                case
                    when line.claim_type <> 'professional' then '3'
                    when line.component = 'technical' then '2'
                    else '1'
                end || line.rendering_npi
        when line.claim_type = 'professional' and biller.entity_type_code = '1' then '4' || line.billing_npi
    end as performer_candidate,
    case
        when line.facility_npi is not null then '1' || line.facility_npi
        when line.billing_npi is not null and coalesce(biller.entity_type_code, '2') = '2'
            then '2' || line.billing_npi
        else '3' || coalesce(line.rendering_npi, line.billing_npi)
    end as site_candidate
from flagged as line
left join {{ ref('int_providers__located') }} as renderer on line.rendering_npi = renderer.npi
left join {{ ref('int_providers__located') }} as biller on line.billing_npi = biller.npi
