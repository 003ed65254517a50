-- Person, site and health system by month: the share of the person's procedures at each site, and the system of the
-- site in that month.
select
    worked.npi,
    worked.account_id,
    worked.service_month,
    place.health_system_id,
    coalesce(place.unit_id, 'unlocated') as unit_id,
    cast(sum(worked.procedures) as decimal(18, 4)) as procedures,
    sum(cast(worked.procedures as double))
    / sum(sum(cast(worked.procedures as double))) over (partition by worked.npi, worked.service_month) as site_share
from {{ ref('int_providers__worked') }} as worked
left join {{ ref('int_accounts__placed') }} as place
    on
        worked.account_id = place.npi
        and worked.service_month >= place.from_month
        and worked.service_month < place.to_month
group by worked.npi, worked.account_id, worked.service_month, place.health_system_id, place.unit_id
