{#
  Services that belong to a product, by the product's rule. A service of two products is two rows.

  1. simple:     products that count every service of their codes
  2. candidates: for all others, services of their codes, and, where a diagnosis may stand for a procedure, services with
                 a line on a claim that has it; each with what its lines answered (int_services__asked)
  3. linked:     how the strongest diagnosis is linked: 3 the line points to it, 2 the claim has it, 1 the patient has it
                 within link_days
  4. accepted:   the rule holds

  In an incremental build services of the renewed days are matched anew; for products that link diagnoses, all services of
  these days' patients.
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget_matched() }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
{% set columns = columns_of_services() %}

with rules as (
    select *
    from {{ ref('stg_config__value_set_rules') }}
    where combine <> 'diagnoses'
),

simple as (
    select
        coded.*,
        rule.count_by,
        0 as link
    from {{ ref('int_services__coded') }} as coded
    inner join rules as rule on coded.product_id = rule.product_id
    where
        not rule.is_linked
        and not rule.is_asked_of_lines
        and rule.taxonomies_any is null
        and {{ is_matched_anew('coded') }}
),

services_asked as (
    select
        product_id,
        patient_key,
        service_date,
        code_system,
        procedure_code,
        max(has_modifier) = 1 and max(has_barred_modifier) = 0 and max(has_place) = 1 and max(has_barred_place) = 0
            as is_as_asked
    from {{ ref('int_services__asked') }}
    group by product_id, patient_key, service_date, code_system, procedure_code
),

left_out as (
    select
        product_id,
        code_system,
        code,
        effective_from,
        effective_to
    from {{ ref('int_value_sets__listed') }}
    where role = 'exclude'
),

by_diagnosis as (
    select
        asked.product_id,
        {%- for column in columns %}
        service.{{ column }},
        {%- endfor %}
        cast(1 as decimal(9, 6)) as code_weight
    from services_asked as asked
    inner join rules as rule on asked.product_id = rule.product_id
    inner join {{ ref('int_services__deduplicated') }} as service
        on
            asked.patient_key = service.patient_key
            and asked.service_date = service.service_date
            and asked.code_system = service.code_system
            and asked.procedure_code = service.procedure_code
    inner join {{ ref('int_codes__valid') }} as valid
        on
            asked.code_system = valid.code_system
            and asked.procedure_code = valid.code
            and asked.service_date >= valid.effective_from
            and asked.service_date <= valid.effective_to
    left join {{ ref('int_value_sets__resolved') }} as entry
        on
            asked.product_id = entry.product_id
            and asked.code_system = entry.code_system
            and asked.procedure_code = entry.code
            and asked.service_date >= entry.effective_from
            and asked.service_date <= entry.effective_to
    left join left_out
        on
            asked.product_id = left_out.product_id
            and asked.code_system = left_out.code_system
            and asked.procedure_code = left_out.code
            and asked.service_date >= left_out.effective_from
            and asked.service_date <= left_out.effective_to
    where
        rule.combine = 'procedures_or_diagnoses'
        and entry.code is null
        and left_out.code is null
        and {{ is_matched_anew('asked', of_patient=true) }}
),

candidates as (
    select
        coded.*,
        true as is_coded
    from {{ ref('int_services__coded') }} as coded
    inner join rules as rule on coded.product_id = rule.product_id
    where
        (rule.is_linked and {{ is_matched_anew('coded', of_patient=true) }})
        or (
            not rule.is_linked
            and (rule.is_asked_of_lines or rule.taxonomies_any is not null)
            and {{ is_matched_anew('coded') }}
        )

    union all

    select
        *,
        false as is_coded
    from by_diagnosis
),

eligible as (
    select
        candidate.*,
        rule.combine,
        rule.link_scope,
        rule.link_days,
        rule.least_link,
        rule.is_linked,
        rule.count_by
    from candidates as candidate
    inner join rules as rule on candidate.product_id = rule.product_id
    left join services_asked as asked
        on
            candidate.product_id = asked.product_id
            and candidate.patient_key = asked.patient_key
            and candidate.service_date = asked.service_date
            and candidate.code_system = asked.code_system
            and candidate.procedure_code = asked.procedure_code
    left join {{ ref('int_value_sets__performers') }} as performer
        on candidate.product_id = performer.product_id and candidate.performing_npi = performer.npi
    where
        (not rule.is_asked_of_lines or asked.is_as_asked)
        and (rule.taxonomies_any is null or performer.npi is not null)
),

claims_linked as (
    select distinct
        asked.product_id,
        asked.patient_key,
        asked.service_date,
        asked.code_system,
        asked.procedure_code
    from {{ ref('int_services__asked') }} as asked
    inner join {{ ref('int_diagnoses__matched') }} as diagnosis
        on
            asked.product_id = diagnosis.product_id
            and asked.claim_key = diagnosis.claim_key
            and asked.patient_key = diagnosis.patient_key
),

near as (
    select
        service.service_id,
        service.product_id,
        max(
            case
                when
                    service.service_date = diagnosis.service_date
                    and service.code_system = 'hcpcs'
                    and service.procedure_code = diagnosis.pointing_code
                    then 3
                else 1
            end
        ) as link,
        max(case when service.performing_npi = diagnosis.npi then 1 else 0 end) = 1 as is_same_provider
    from eligible as service
    inner join {{ ref('int_diagnoses__matched') }} as diagnosis
        on
            service.product_id = diagnosis.product_id
            and service.patient_key = diagnosis.patient_key
            and {{ is_within_days('service.service_date', 'diagnosis.service_date', 'service.link_days') }}
    where service.is_linked
    group by service.service_id, service.product_id
),

linked as (
    select
        service.*,
        greatest(coalesce(near.link, 0), case when claim.product_id is not null then 2 else 0 end) as link,
        coalesce(near.is_same_provider, false) as is_same_provider
    from eligible as service
    left join near on service.service_id = near.service_id and service.product_id = near.product_id
    left join claims_linked as claim
        on
            service.product_id = claim.product_id
            and service.patient_key = claim.patient_key
            and service.service_date = claim.service_date
            and service.code_system = claim.code_system
            and service.procedure_code = claim.procedure_code
),

accepted as (
    select *
    from linked
    where
        not is_linked
        or (combine = 'procedures_or_diagnoses' and is_coded)
        or (link >= least_link and (link_scope <> 'provider' or is_same_provider))
),

members as (
    {%- for rows in ['simple', 'accepted'] %}
    {{ 'union all' if not loop.first }}
    select
        product_id,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        code_weight,
        case when count_by = 'sides' then sides else procedures end as counted,
        link
    from {{ rows }}
    {%- endfor %}
)

select
    service_id,
    product_id,
    case link when 3 then 'line' when 2 then 'claim' when 1 then 'patient' else 'none' end as link_strength,
    code_weight,
    patient_key,
    service_date,
    {{ month_of('service_date') }} as service_month,
    code_system,
    procedure_code,
    coalesce(performing_npi, 'unattributed') as npi,
    coalesce(site_npi, 'unattributed') as account_id,
    billing_account_npi as billing_account_id,
    payer_channel,
    cast(counted * code_weight as decimal(18, 4)) as procedures,
    sides,
    units,
    doses,
    billed_usd,
    is_charge_based,
    source,
    first_known_source,
    first_known_claim_type
from members
