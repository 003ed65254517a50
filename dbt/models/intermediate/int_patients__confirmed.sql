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

-- Treatments of those whom the dates alone do not settle: few, so the days are compared for these alone.
treatments as (
    select distinct
        seen.product_id,
        seen.patient_key,
        treatment.service_date,
        rule.link_days
    from seen
    inner join {{ ref('stg_config__value_set_rules') }} as rule on seen.product_id = rule.product_id
    inner join {{ ref('int_services__coded') }} as treatment
        on seen.product_id = treatment.product_id and seen.patient_key = treatment.patient_key
    where
        seen.last_diagnosis_date < {{ add_days('seen.first_diagnosis_date', 30) }}
        and treatment.service_date >= {{ add_days('seen.first_diagnosis_date', '-rule.link_days') }}
        and treatment.service_date <= {{ add_days('seen.last_diagnosis_date', 'rule.link_days') }}
),

treated as (
    select distinct
        treatment.product_id,
        treatment.patient_key
    from treatments as treatment
    inner join {{ ref('int_diagnoses__matched') }} as diagnosis
        on
            treatment.product_id = diagnosis.product_id
            and treatment.patient_key = diagnosis.patient_key
            and {{ is_within_days('diagnosis.service_date', 'treatment.service_date', 'treatment.link_days') }}
    where not diagnosis.is_rule_out
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
