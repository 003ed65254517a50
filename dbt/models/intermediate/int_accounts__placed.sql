{#
  Where an account was, and of which health system, month by month: a directory that moves a site moves what is done there
  from the month on in which it became known, and leaves what was done before where it was. The first place holds for all
  time before; a place that no map knows is no move, but the next (else the last) that one does stands in for it. The
  facility directories' ZIP comes before the registry's practice ZIP, as in int_providers__located.
#}
with said as (
    select
        facility_npi as npi,
        refresh_order,
        known_on,
        refresh_order as facility_order,
        cast(null as integer) as provider_order
    from {{ ref('stg_directory__facility_rows') }}
    where facility_npi is not null

    union all

    select
        npi,
        refresh_order,
        known_on,
        cast(null as integer) as facility_order,
        refresh_order as provider_order
    from {{ ref('stg_directory__provider_rows') }}
    where not is_bare
),

running as (
    select
        npi,
        refresh_order,
        known_on,
        max(max(facility_order)) over (
            partition by npi
            order by refresh_order
            rows between unbounded preceding and current row
        ) as facility_order,
        max(max(provider_order)) over (
            partition by npi
            order by refresh_order
            rows between unbounded preceding and current row
        ) as provider_order
    from said
    group by npi, refresh_order, known_on
),

states as (
    select
        running.npi,
        running.refresh_order,
        running.known_on,
        facility.health_system_id,
        coalesce(facility.facility_zip, provider.practice_zip) as zip,
        place.unit_id,
        case when place.unit_id <> 'unlocated' then running.refresh_order end as located_order
    from running
    left join {{ ref('stg_directory__facility_rows') }} as facility
        on running.npi = facility.facility_npi and running.facility_order = facility.refresh_order
    left join {{ ref('stg_directory__provider_rows') }} as provider
        on running.npi = provider.npi and running.provider_order = provider.refresh_order
    left join {{ ref('stg_geography__zips') }} as place
        on coalesce(facility.facility_zip, provider.practice_zip) = place.zip
),

stood_in as (
    select
        npi,
        refresh_order,
        known_on,
        health_system_id,
        coalesce(
            max(located_order) over (
                partition by npi
                order by refresh_order
                rows between unbounded preceding and current row
            ),
            min(located_order) over (partition by npi)
        ) as place_order
    from states
),

placed as (
    select
        stood_in.npi,
        {{ month_of('stood_in.known_on') }} as known_month,
        stood_in.refresh_order,
        stood_in.health_system_id,
        place.zip,
        coalesce(place.unit_id, 'unlocated') as unit_id
    from stood_in
    left join states as place on stood_in.npi = place.npi and stood_in.place_order = place.refresh_order
),

-- Of several refreshes of a month the last.
monthly as (
    select *
    from placed
    qualify row_number() over (partition by npi, known_month order by refresh_order desc) = 1
),

compared as (
    select
        monthly.*,
        row_number() over (partition by npi order by known_month) as step,
        lag(unit_id) over (partition by npi order by known_month) as unit_before,
        lag(zip) over (partition by npi order by known_month) as zip_before,
        lag(health_system_id) over (partition by npi order by known_month) as system_before
    from monthly
),

changed as (
    select
        npi,
        case when step = 1 then cast('1900-01-01' as date) else known_month end as from_month,
        unit_id,
        zip,
        health_system_id
    from compared
    where
        step = 1
        or unit_id <> unit_before
        or zip is distinct from zip_before
        or health_system_id is distinct from system_before
)

select
    npi,
    from_month,
    coalesce(lead(from_month) over (partition by npi order by from_month), cast('9999-01-01' as date)) as to_month,
    unit_id,
    zip,
    health_system_id
from changed
