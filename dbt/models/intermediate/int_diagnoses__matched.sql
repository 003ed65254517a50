{#
  Diagnoses of products as current lines carry them: who saw whom with it on which day, once. Lists are read here and
  nowhere else, for all products together; what most products do not ask for (the claim and the code on the line) is
  kept only for those whose rule links procedures to diagnoses, so that for all others a visit is one row.

  1. lines:    one row per line and diagnosis
  2. matched:  those of a product on their day, within the position that its rule reaches to
  3. visits:   distinct, with what makes a line a rule-out (docs/methods/claims.md, 4)
  4. the person and the account that saw the patient, as for services
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("day_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
with lines as (
    select
        source,
        claim_id,
        patient_key,
        service_date,
        claim_type,
        place_of_service_code,
        hcpcs_code,
        revenue_center_code,
        rendering_npi,
        billing_npi,
        facility_npi,
        {{ is_assistant('hcpcs_modifiers') }} as is_assistant,
        diagnosis_codes,
        diagnosis_pointers,
        {{ explode('diagnosis_codes') }} as code
    from {{ ref('int_claims__offered') }}
    where
        service_date is not null
        and {{ is_renewed('day_key') }}
        and patient_key is not null
        and coalesce(lower(diagnosis_code_type), 'icd-10-cm') not in ('icd-9-cm', 'icd9cm', 'icd-9', 'icd9', '9')
),

ruled_out_codes as (
    select distinct seen.code
    from {{ ref('int_codes__seen') }} as seen
    inner join {{ ref('stg_config__rule_outs') }} as rule_out
        on
            seen.code_system = rule_out.match_on
            and seen.code >= rule_out.code
            and substr(seen.code, 1, length(rule_out.code_to)) <= rule_out.code_to
    where rule_out.match_on = 'hcpcs'
),

ruled_out_centers as (
    select distinct code
    from {{ ref('stg_config__rule_outs') }}
    where match_on = 'revenue_center'
),

ruled_out_providers as (
    select distinct provider.npi
    from {{ ref('stg_directory__providers') }} as provider
    inner join {{ ref('stg_config__rule_outs') }} as rule_out
        on substr(provider.primary_taxonomy_code, 1, length(rule_out.code)) = rule_out.code
    where rule_out.match_on = 'taxonomy'
),

matched as (
    select
        rule.product_id,
        line.patient_key,
        line.service_date,
        line.claim_type,
        line.rendering_npi,
        line.billing_npi,
        line.facility_npi,
        line.is_assistant,
        ruled_out_codes.code is not null or ruled_out_centers.code is not null as is_rule_out,
        case when rule.is_linked then {{ row_key(['line.source', 'line.claim_id']) }} end as claim_key,
        case
            when
                rule.is_linked
                and {{ is_pointed_at('line.diagnosis_codes', 'line.diagnosis_pointers', 'line.code') }}
                then line.hcpcs_code
        end as pointing_code
    from lines as line
    inner join {{ ref('int_value_sets__resolved') }} as entry
        on
            line.code = entry.code
            and line.service_date >= entry.effective_from
            and line.service_date <= entry.effective_to
    inner join {{ ref('stg_config__value_set_rules') }} as rule on entry.product_id = rule.product_id
    left join ruled_out_codes on line.hcpcs_code = ruled_out_codes.code
    left join ruled_out_centers on substr(lpad(line.revenue_center_code, 4, '0'), 1, 3) = ruled_out_centers.code
    where
        entry.code_system = 'icd10cm'
        and (
            rule.last_diagnosis_position is null
            or {{ place_in('line.diagnosis_codes', 'line.code') }} <= rule.last_diagnosis_position
        )
        -- Where only diagnoses count, the places that the rule asks for are those of the visit.
        and (
            rule.combine <> 'diagnoses'
            or (
                (
                    rule.places_of_service_any is null
                    or coalesce(array_contains(rule.places_of_service_any, line.place_of_service_code), false)
                )
                and (
                    rule.places_of_service_none is null
                    or not coalesce(array_contains(rule.places_of_service_none, line.place_of_service_code), false)
                )
            )
        )
),

visits as (
    select distinct
        product_id,
        patient_key,
        service_date,
        claim_type,
        rendering_npi,
        billing_npi,
        facility_npi,
        is_assistant,
        is_rule_out,
        claim_key,
        pointing_code,
        'global' as component
    from matched
)

select distinct
    visit.product_id,
    visit.patient_key,
    visit.service_date,
    {{ day_key('visit.patient_key', 'visit.service_date') }} as day_key,
    coalesce(substr({{ performer_candidate('visit', 'renderer', 'biller') }}, 2), 'unattributed') as npi,
    coalesce(substr({{ site_candidate('visit', 'biller') }}, 2), 'unattributed') as account_id,
    visit.is_rule_out or ruled_out_providers.npi is not null as is_rule_out,
    visit.claim_key,
    visit.pointing_code
from visits as visit
left join {{ ref('int_providers__located') }} as renderer on visit.rendering_npi = renderer.npi
left join {{ ref('int_providers__located') }} as biller on visit.billing_npi = biller.npi
left join ruled_out_providers on visit.rendering_npi = ruled_out_providers.npi
