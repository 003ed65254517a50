{#
  Services by code and day, each judged by whether its code could be used on that day. Services are counted first, so that
  only codes and days are compared with periods of validity.
#}
with days as (
    select
        code_system,
        procedure_code as code,
        service_date,
        count(*) as services
    from {{ ref('int_services__deduplicated') }}
    group by code_system, procedure_code, service_date
),

bounds as (
    select
        code_system,
        code,
        min(effective_from) as known_from
    from {{ ref('int_codes__valid') }}
    where is_known
    group by code_system, code
)

select
    days.code_system,
    days.code,
    days.service_date,
    case
        when valid.code is not null then 'valid'
        when bounds.code is null then 'unknown'
        when days.service_date < bounds.known_from then 'not_yet_valid'
        else 'ended'
    end as verdict,
    cast(days.services as bigint) as services
from days
left join {{ ref('int_codes__valid') }} as valid
    on
        days.code_system = valid.code_system
        and days.code = valid.code
        and days.service_date >= valid.effective_from
        and days.service_date <= valid.effective_to
left join bounds on days.code_system = bounds.code_system and days.code = bounds.code
