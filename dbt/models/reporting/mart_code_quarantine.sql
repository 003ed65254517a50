with procedure_codes as (
    select
        judged.code_system,
        judged.code,
        judged.verdict as reason,
        {{ month_of('min(judged.service_date)') }} as first_service_month,
        {{ month_of('max(judged.service_date)') }} as last_service_month,
        count(*) as services,
        count(distinct service.patient_key) as patients
    from {{ ref('int_codes__judged') }} as judged
    inner join {{ ref('int_services__deduplicated') }} as service
        on
            judged.code_system = service.code_system
            and judged.code = service.procedure_code
            and judged.service_date = service.service_date
    where judged.verdict <> 'valid'
    group by judged.code_system, judged.code, judged.verdict
),

-- Diagnoses are told of as codes, not counted: a product's patients are found by the codes that are known.
diagnosis_codes as (
    select distinct
        code_system,
        code
    from {{ ref('int_codes__valid') }}
    where code_system = 'icd10cm' and is_judged and not is_known
),

cells as (
    select
        procedure_codes.*,
        patients < settings.suppression_threshold as is_suppressed,
        2 * settings.suppression_threshold as step
    from procedure_codes
    cross join {{ ref('stg_config__settings') }} as settings
)

select
    code_system,
    code,
    reason,
    {{ unless_hidden('first_service_month', 'is_suppressed') }} as first_service_month,
    {{ unless_hidden('last_service_month', 'is_suppressed') }} as last_service_month,
    -- Rounded: what was added since an earlier snapshot may be few people's.
    cast({{ unless_hidden(rounded_to('services', 'step'), 'is_suppressed') }} as bigint) as services,
    is_suppressed
from cells

union all

select
    code_system,
    code,
    'unknown' as reason,
    cast(null as date) as first_service_month,
    cast(null as date) as last_service_month,
    cast(null as bigint) as services,
    true as is_suppressed
from diagnosis_codes
order by code_system, code, reason
