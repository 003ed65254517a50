-- Visits of diagnosed patients with the diagnosis: one row per patient, month, person and account, however many lines
-- or codes said so.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("patient_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
select distinct
    diagnosis.product_id,
    diagnosis.patient_key,
    {{ month_of('diagnosis.service_date') }} as service_month,
    diagnosis.npi,
    diagnosis.account_id
from {{ ref('int_diagnoses__matched') }} as diagnosis
inner join {{ ref('int_patients__confirmed') }} as confirmed
    on diagnosis.product_id = confirmed.product_id and diagnosis.patient_key = confirmed.patient_key
where not diagnosis.is_rule_out and {{ is_renewed('diagnosis.patient_key', 'patient_key') }}
