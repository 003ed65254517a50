{#
  Every NPI of either directory: what it is, and where it is today (where it was: int_accounts__placed). A facility's ZIP comes
  before a provider's practice ZIP; an NPI that only the facility directory knows is an organisation.
#}
with known as (
    select
        coalesce(provider.npi, facility.facility_npi) as npi,
        coalesce(provider.entity_type_code, case when facility.facility_npi is not null then '2' end)
            as entity_type_code,
        coalesce(facility.facility_name, provider.provider_name) as provider_name,
        provider.specialty,
        facility.facility_type,
        facility.health_system_id,
        facility.health_system_name,
        coalesce(facility.facility_zip, provider.practice_zip) as zip
    from {{ ref('stg_directory__providers') }} as provider
    full outer join {{ ref('stg_directory__facilities') }} as facility
        on provider.npi = facility.facility_npi
)

select
    known.npi,
    known.entity_type_code,
    known.provider_name,
    known.specialty,
    known.facility_type,
    known.health_system_id,
    known.health_system_name,
    known.zip,
    coalesce(place.unit_id, 'unlocated') as unit_id
from known
left join {{ ref('int_accounts__placed') }} as place
    on known.npi = place.npi and place.to_month = cast('9999-01-01' as date)
