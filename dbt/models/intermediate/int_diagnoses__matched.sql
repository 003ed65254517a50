{#
  Diagnoses of products as current lines carry them: who saw whom with it on which day, once. Lists are read here and
  nowhere else, for all products together; what most products do not ask for (the claim and the code on the line) is
  kept only for those whose rule links procedures to diagnoses, so that for all others a visit is one row.

  1. lines:     the person and the account that saw the patient, as for services, and what makes a line a rule-out
                (docs/methods/claims.md, 4)
  2. diagnosed: one row per line and diagnosis
  3. matched:   those of a product on their day, within the position that its rule reaches to, distinct
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("day_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
with ruled_out_codes as (
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

-- Who saw the patient is the same for all diagnoses of a line, so it is found before the lists are read.
lines as (
    select
        line.source,
        line.claim_id,
        line.patient_key,
        line.service_date,
        line.place_of_service_code,
        line.hcpcs_code,
        coalesce(substr({{ performer_candidate('line', 'renderer', 'biller') }}, 2), 'unattributed') as npi,
        coalesce(substr({{ site_candidate('line', 'biller') }}, 2), 'unattributed') as account_id,
        ruled_out_codes.code is not null or ruled_out_centers.code is not null or ruled_out_providers.npi is not null
            as is_rule_out,
        line.diagnosis_codes,
        line.diagnosis_pointers
    from (
        select
            *,
            {{ is_assistant('hcpcs_modifiers') }} as is_assistant
        from {{ ref('int_claims__offered') }}
    ) as line
    left join {{ ref('int_providers__located') }} as renderer on line.rendering_npi = renderer.npi
    left join {{ ref('int_providers__located') }} as biller on line.billing_npi = biller.npi
    left join ruled_out_codes on line.hcpcs_code = ruled_out_codes.code
    left join ruled_out_centers on substr(lpad(line.revenue_center_code, 4, '0'), 1, 3) = ruled_out_centers.code
    left join ruled_out_providers on line.rendering_npi = ruled_out_providers.npi
    where
        line.service_date is not null
        and {{ is_renewed('line.day_key') }}
        and line.patient_key is not null
        and coalesce(lower(line.diagnosis_code_type), 'icd-10-cm') not in ('icd-9-cm', 'icd9cm', 'icd-9', 'icd9', '9')
),

diagnosed as (
    select
        *,
        {{ explode('diagnosis_codes') }} as code
    from lines
),

matched as (
    select distinct
        rule.product_id,
        line.patient_key,
        line.service_date,
        line.npi,
        line.account_id,
        line.is_rule_out,
        case when rule.is_linked then {{ row_key(['line.source', 'line.claim_id']) }} end as claim_key,
        case
            when
                rule.is_linked
                and {{ is_pointed_at('line.diagnosis_codes', 'line.diagnosis_pointers', 'line.code') }}
                then line.hcpcs_code
        end as pointing_code
    from diagnosed as line
    inner join {{ ref('int_value_sets__resolved') }} as entry
        on
            line.code = entry.code
            and line.service_date >= entry.effective_from
            and line.service_date <= entry.effective_to
    inner join {{ ref('stg_config__value_set_rules') }} as rule on entry.product_id = rule.product_id
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
)

select
    product_id,
    patient_key,
    service_date,
    {{ day_key('patient_key', 'service_date') }} as day_key,
    npi,
    account_id,
    is_rule_out,
    claim_key,
    pointing_code
from matched
