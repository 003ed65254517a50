{#
  Who else took part in a service, beside its performer: the other surgeons of a pair (62) or a team (66), each with an equal
  part, and assistants without any. The performer's own part is what is left of the service's `procedures`.

  Where only one of a pair or a team says so, the others who could have performed are taken for members of it; if the
  second of a pair is not known at all, that half is nobody's ('unattributed').
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("day_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
{#- One look at the services says whether anybody took part: where nobody did, no line is read. -#}
{% set has_shared = has_rows(ref('int_services__deduplicated'), 'is_shared and ' ~ is_renewed('day_key')) %}
{% set key = ['patient_key', 'service_date', 'code_system', 'procedure_code', 'occurrence'] %}

with shared as (
    select *
    from {{ ref('int_services__deduplicated') }}
    where is_shared and {{ is_renewed('day_key') }}
),

keys as (
    select distinct
        patient_key,
        service_date,
        code_system,
        procedure_code
    from shared
),

people as (
    select
        {{ key | join(', ') }},
        substr(person_candidate, 2) as npi,
        max(case when is_co_surgeon and is_operating then 1 else 0 end) as is_co_surgeon,
        max(case when is_team and is_operating then 1 else 0 end) as is_team,
        max(case when is_assistant then 1 else 0 end) as is_assistant,
        max(case when claim_type = 'professional' and is_operating and not is_explained then 1 else 0 end)
            as is_unexplained
    from ({{ detailed_lines(ref('int_claims__attributed'), 'keys') }}) as detailed
    where person_candidate is not null{{ '' if has_shared else ' and false' }}
    group by {{ key | join(', ') }}, substr(person_candidate, 2)
),

marked as (
    select
        {{ key | join(', ') }},
        npi,
        is_assistant,
        is_co_surgeon + is_team > 0 as is_marked,
        is_unexplained = 1 as is_unexplained,
        max(is_team) over (partition by {{ key | join(', ') }}) as has_team,
        sum(case when is_co_surgeon + is_team > 0 then 1 else 0 end) over (partition by {{ key | join(', ') }})
            as marked_people
    from people
),

roles as (
    select
        {{ key | join(', ') }},
        npi,
        case
            when is_marked or (is_unexplained and marked_people = 1)
                then case when has_team = 1 then 'team' else 'co_surgeon' end
            when is_assistant = 1 then 'assistant'
        end as role
    from marked
),

members as (
    select
        service.service_id,
        service.day_key,
        service.performing_npi,
        service.procedures,
        roles.npi,
        roles.role,
        sum(case when roles.role <> 'assistant' then 1 else 0 end) over (partition by service.service_id) as members
    from shared as service
    inner join roles
        on
            service.patient_key = roles.patient_key
            and service.service_date = roles.service_date
            and service.code_system = roles.code_system
            and service.procedure_code = roles.procedure_code
            and service.occurrence = roles.occurrence
    where roles.role is not null
)

select
    service_id,
    day_key,
    npi,
    role,
    cast(
        case when role = 'assistant' then 0 else procedures * 1.0 / greatest(members, 2) end as decimal(18, 4)
    ) as involvement
from members
where npi <> coalesce(performing_npi, '')

union all

select
    service_id,
    day_key,
    'unattributed' as npi,
    'co_surgeon' as role,
    cast(procedures * 0.5 as decimal(18, 4)) as involvement
from members
where role = 'co_surgeon' and members = 1
