{#
  Visits of diagnosed patients with the diagnosis: one row per patient, month, person and account, however many lines
  or codes said so.

  In an incremental build months with a renewed day are written anew, and rows of those who are no longer confirmed go. Who
  is confirmed and has no rows is written whole: he was not confirmed before, or has just lost them all.
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook=['{{ forget_renewed_months() }}', '{{ forget_unconfirmed() }}'],
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
{% set month = month_of('diagnosis.service_date') %}

with renewed as (
    {{ renewed_months() }}
),

confirmed as (
    select
        person.product_id,
        person.patient_key,
        {% if is_incremental() -%}
        not exists (
            select 1 as found
            from {{ this }} as held
            where person.product_id = held.product_id and person.patient_key = held.patient_key
        )
        {%- else -%}
        true
        {%- endif %} as is_new
    from {{ ref('int_patients__confirmed') }} as person
    where {{ is_renewed('person.patient_key', 'patient_key') }}
)

select distinct
    diagnosis.product_id,
    diagnosis.patient_key,
    {{ month }} as service_month,
    diagnosis.npi,
    diagnosis.account_id
from {{ ref('int_diagnoses__matched') }} as diagnosis
inner join confirmed
    on diagnosis.product_id = confirmed.product_id and diagnosis.patient_key = confirmed.patient_key
left join renewed on diagnosis.patient_key = renewed.patient_key and {{ month }} = renewed.service_month
where not diagnosis.is_rule_out and (confirmed.is_new or renewed.patient_key is not null)
