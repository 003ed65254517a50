{#
  Who has the diagnosis of a product: seen with it on two dates at least 30 days apart, or once with a procedure of the
  product at most link_days away. What only imaging or laboratory lines say does not count.
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("patient_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
with seen as (
    select
        product_id,
        patient_key,
        min(service_date) as first_diagnosis_date,
        max(service_date) as last_diagnosis_date
    from {{ ref('int_diagnoses__matched') }}
    where not is_rule_out and {{ is_renewed('patient_key', 'patient_key') }}
    group by product_id, patient_key
),

treated as (
    select distinct
        seen.product_id,
        seen.patient_key
    from seen
    inner join {{ ref('int_diagnoses__matched') }} as diagnosis
        on seen.product_id = diagnosis.product_id and seen.patient_key = diagnosis.patient_key
    inner join {{ ref('stg_config__value_set_rules') }} as rule on seen.product_id = rule.product_id
    inner join {{ ref('int_services__coded') }} as treatment
        on
            seen.product_id = treatment.product_id
            and seen.patient_key = treatment.patient_key
            and {{ is_within_days('diagnosis.service_date', 'treatment.service_date', 'rule.link_days') }}
    where not diagnosis.is_rule_out and seen.last_diagnosis_date < {{ add_days('seen.first_diagnosis_date', 30) }}
)

select
    product_id,
    patient_key
from seen
where last_diagnosis_date >= {{ add_days('first_diagnosis_date', 30) }}

union all

select
    product_id,
    patient_key
from treated
