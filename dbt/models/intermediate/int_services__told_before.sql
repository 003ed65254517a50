{#
  What lines that counted once, and no longer do, told of a person's day and code: it may be the first we knew of it
  (macros/first_known.sql). What one refresh told and took back, be it in two parts, never counted.
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("day_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}

with told as (
    select
        patient_key,
        day_key,
        known_from_order,
        known_to_order,
        claim_type,
        'hcpcs' as code_system,
        hcpcs_code as procedure_code
    from {{ ref('int_claims__retired') }}
    where day_key is not null and hcpcs_code is not null

    union all

    select
        patient_key,
        claim_day_key as day_key,
        known_from_order,
        known_to_order,
        claim_type,
        'icd10pcs' as code_system,
        {{ explode('icd10pcs_codes') }} as procedure_code
    from {{ ref('int_claims__retired') }}
    where claim_day_key is not null and claim_type = 'institutional'
)

select
    told.patient_key,
    told.day_key,
    told.code_system,
    told.procedure_code,
    min({{ telling('refresh.part_of_order', 'told.claim_type') }}) as first_told
from told
inner join {{ ref('int_refreshes__ranked') }} as refresh on told.known_from_order = refresh.refresh_order
inner join {{ ref('int_refreshes__ranked') }} as taken_back on told.known_to_order = taken_back.refresh_order
where refresh.part_of_order < taken_back.part_of_order and {{ is_renewed('told.day_key') }}
group by told.patient_key, told.day_key, told.code_system, told.procedure_code
