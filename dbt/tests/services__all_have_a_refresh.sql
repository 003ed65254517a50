-- Every service is counted with exactly one refresh: the reconciliation leaves none out.
with told as (
    select coalesce(sum(services), 0) as services
    from {{ ref('fct_refresh_reconciliation') }}
),

counted as (
    select count(*) as services
    from {{ ref('int_services__deduplicated') }}
)

select
    told.services as told,
    counted.services as counted
from told
cross join counted
where told.services <> counted.services
