-- Nobody is at more or less than one person's worth of places: in all, and month by month.
select
    npi,
    cast(null as date) as service_month,
    sum(site_share) as shares
from {{ ref('int_providers__sites') }}
group by npi
having abs(sum(site_share) - 1) > 0.000000001

union all

select
    npi,
    service_month,
    sum(site_share) as shares
from {{ ref('fct_provider_affiliation') }}
group by npi, service_month
having abs(sum(site_share) - 1) > 0.000000001
