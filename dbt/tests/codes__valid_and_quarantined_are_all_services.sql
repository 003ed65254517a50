-- Services whose code could be used and services set apart add up to all services.
with judged as (
    select
        coalesce(sum(case when verdict = 'valid' then services end), 0) as valid_services,
        coalesce(sum(case when verdict <> 'valid' then services end), 0) as quarantined_services
    from {{ ref('int_codes__judged') }}
),

counted as (
    select count(*) as services
    from {{ ref('int_services__deduplicated') }}
)

select
    judged.valid_services,
    judged.quarantined_services,
    counted.services
from judged
cross join counted
where judged.valid_services + judged.quarantined_services <> counted.services
