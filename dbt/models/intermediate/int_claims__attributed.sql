{#
  Current lines that tell of a procedure done to a person on a day, each with who could have performed it, where it could
  have happened and who billed it (macros/attribution.sql). The ICD-10-PCS procedures of an inpatient claim are rows as
  well, each on every line of the claim that lists it, dated by the claim: its money is that of the lines that have no
  HCPCS code of their own, and goes to the first procedure of the list.

  `effect_number` is what the only modifier of the line does; a line with several has to be looked at more closely.
#}
{{ config(materialized='view') }}

with inpatient as (
    select
        line.*,
        {{ first_of('line.icd10pcs_codes') }} as first_procedure,
        {{ explode('array_distinct(line.icd10pcs_codes)') }} as procedure_code
    from {{ ref('int_claims__offered') }} as line
    where line.claim_type = 'institutional' and {{ length_of('line.icd10pcs_codes') }} > 0
),

lines as (
    select
        source,
        refresh_id,
        claim_id,
        claim_line_number,
        claim_type,
        claim_status,
        patient_key,
        payer_channel,
        service_date,
        'hcpcs' as code_system,
        hcpcs_code as procedure_code,
        hcpcs_modifiers,
        case {{ length_of('hcpcs_modifiers') }}
            when 0 then null
            when 1 then {{ first_of('hcpcs_modifiers') }}
            else '*'
        end as modifier,
        service_unit_quantity,
        allowed_amount,
        charge_amount,
        rendering_npi,
        operating_npi,
        billing_npi,
        facility_npi
    from {{ ref('int_claims__offered') }}
    where hcpcs_code is not null and service_date is not null and patient_key is not null

    union all

    select
        source,
        refresh_id,
        claim_id,
        claim_line_number,
        claim_type,
        claim_status,
        patient_key,
        payer_channel,
        coalesce(claim_start_date, service_date) as service_date,
        'icd10pcs' as code_system,
        procedure_code,
        null as hcpcs_modifiers,
        null as modifier,
        1.0 as service_unit_quantity,
        case when hcpcs_code is not null or procedure_code <> first_procedure then 0.0 else allowed_amount end
            as allowed_amount,
        case when hcpcs_code is not null or procedure_code <> first_procedure then 0.0 else charge_amount end
            as charge_amount,
        -- Who operated knows better than who is named as rendering on a hospital's claim.
        case when operating_npi is null then rendering_npi end as rendering_npi,
        operating_npi,
        billing_npi,
        facility_npi
    from inpatient
    where coalesce(claim_start_date, service_date) is not null and patient_key is not null
)

select
    line.source,
    line.refresh_id,
    line.claim_id,
    line.claim_line_number,
    line.claim_type,
    coalesce(line.claim_status = 'denied', false) as is_denied,
    line.patient_key,
    line.payer_channel,
    line.service_date,
    line.code_system,
    line.procedure_code,
    line.hcpcs_modifiers,
    case when line.modifier = '*' then {{ effect_number('several') }} else rule.effect_number end as effect_number,
    line.service_unit_quantity,
    line.allowed_amount,
    line.charge_amount,
    {{ person_candidate('line', 'renderer', 'surgeon', 'biller') }} as person_candidate,
    {{ site_candidate('line', 'biller') }} as site_candidate,
    {{ billing_organisation('line', 'biller') }} as billing_organisation_npi
from lines as line
left join {{ ref('stg_config__modifier_rules') }} as rule on line.modifier = rule.modifier
left join {{ ref('int_providers__located') }} as renderer on line.rendering_npi = renderer.npi
left join {{ ref('int_providers__located') }} as surgeon on line.operating_npi = surgeon.npi
left join {{ ref('int_providers__located') }} as biller on line.billing_npi = biller.npi
