-- Who referred, as claims of products' procedures say: one row per patient, day, code and referring NPI. A column that
-- few sources fill, so it is read here alone, and only of the days that a refresh touched.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("day_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
with codes as (
    select distinct code
    from {{ ref('int_value_sets__resolved') }}
    where code_system = 'hcpcs'
)

select distinct
    line.patient_key,
    line.service_date,
    line.day_key,
    line.hcpcs_code as procedure_code,
    line.referring_npi
from {{ ref('int_claims__offered') }} as line
inner join codes on line.hcpcs_code = codes.code
where
    line.referring_npi is not null
    and line.service_date is not null
    and line.patient_key is not null
    and {{ is_renewed('line.day_key') }}
