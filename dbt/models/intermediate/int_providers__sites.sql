{#
  Where people practise. By claims: the share of a person's procedures of the planning year (12 usable months) at each site,
  over all products. A person without claims is at the practice that the registry gives, or, where that is a post office box
  or missing, at its further practices in equal parts; a mailing address is never a place. What is left is 'unlocated'. One
  whose NPI is deactivated practises nowhere.
  The shares of a person sum to 1.
#}
with treated as (
    select
        people.npi,
        people.account_id,
        count(distinct people.patient_key) as patients
    from {{ ref('int_opportunity__people') }} as people
    inner join {{ ref('int_months__planned') }} as planned
        on people.service_month >= planned.first_month and people.service_month <= planned.last_month
    where planned.source_kind = 'lines' and people.patient_key is not null
    group by people.npi, people.account_id
),

worked as (
    select
        planned.npi,
        planned.account_id,
        min(planned.unit_id) as unit_id,
        sum(planned.procedures) as procedures,
        coalesce(max(treated.patients), 0) + coalesce(sum(planned.beneficiaries), 0) as patients
    from {{ ref('int_opportunity__planned') }} as planned
    left join treated on planned.npi = treated.npi and planned.account_id = treated.account_id
    where planned.procedures > 0 and planned.npi <> 'unattributed'
    group by planned.npi, planned.account_id
),

registered as (
    select
        npi,
        practice_zip,
        deactivation_date
    from {{ ref('stg_directory__providers') }}
    where entity_type_code = '1'
),

active as (
    select distinct npi
    from worked
),

fallback as (
    select
        registered.npi,
        coalesce(registered.practice_zip, further.practice_zip) as practice_zip,
        count(*) over (partition by registered.npi) as places
    from registered
    left join {{ ref('stg_directory__provider_sites') }} as further
        on registered.npi = further.npi and registered.practice_zip is null
    left join active on registered.npi = active.npi
    where active.npi is null and registered.deactivation_date is null
),

sites as (
    select
        npi,
        account_id as site_id,
        'claims' as site_origin,
        unit_id,
        cast(procedures as double) / sum(cast(procedures as double)) over (partition by npi) as site_share,
        cast(procedures as decimal(18, 4)) as procedures,
        cast(patients as bigint) as patients
    from worked

    union all

    select
        fallback.npi,
        coalesce('zip:' || fallback.practice_zip, 'unlocated') as site_id,
        case when fallback.practice_zip is null then 'none' else 'registry' end as site_origin,
        coalesce(place.unit_id, 'unlocated') as unit_id,
        cast(1 as double) / fallback.places as site_share,
        cast(0 as decimal(18, 4)) as procedures,
        cast(0 as bigint) as patients
    from fallback
    left join {{ ref('stg_geography__zips') }} as place on fallback.practice_zip = place.zip
),

-- Units that the registry names: the practice and the further ones.
registry_units as (
    select
        said.npi,
        place.unit_id
    from (
        select
            npi,
            practice_zip
        from registered
        where practice_zip is not null

        union

        select
            npi,
            practice_zip
        from {{ ref('stg_directory__provider_sites') }}
    ) as said
    inner join {{ ref('stg_geography__zips') }} as place on said.practice_zip = place.zip
    where place.unit_id <> 'unlocated'
),

compared as (
    select
        sites.npi,
        count(distinct registry_units.unit_id) > 0 as is_registered,
        count(distinct case when registry_units.unit_id = sites.unit_id then registry_units.unit_id end) > 0 as is_same
    from sites
    left join registry_units on sites.npi = registry_units.npi
    where sites.site_origin = 'claims'
    group by sites.npi
)

select
    sites.npi,
    sites.site_id,
    sites.site_origin,
    sites.unit_id,
    sites.site_share,
    sites.procedures,
    sites.patients,
    row_number() over (partition by sites.npi order by sites.procedures desc, sites.site_id) as site_rank,
    case when compared.is_registered then not compared.is_same end as is_registry_elsewhere
from sites
left join compared on sites.npi = compared.npi
