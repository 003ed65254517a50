{#
  The phantom list: surgeons in a unit whose volume, or some of it, lies behind locked or restricted doors, with the systems
  and reasons. Its numbers are those of mart_provider_opportunity and withheld with them; who is listed and why follows
  from where somebody works, which the directories tell.
#}
with behind_doors as (
    select
        product_id,
        npi,
        unit_id,
        {{ joined_text('coalesce(health_system_name, health_system_id)', '; ') }} as locked_systems,
        {{ joined_text('reason', '; ') }} as locked_reasons,
        min(effective_from) as locked_from
    from {{ ref('int_access__performed') }}
    where access_status in ('locked', 'restricted')
    group by product_id, npi, unit_id
),

classes as (
    select
        product_id,
        npi,
        unit_id,
        {{ access_class(
            'max(case when is_addressable then 1 else 0 end)',
            'max(case when access_status in (\'locked\', \'restricted\') then 1 else 0 end)',
            'max(case when access_status = \'unknown\' then 1 else 0 end)'
        ) }} as access_class
    from {{ ref('int_access__performed') }}
    group by product_id, npi, unit_id
)

select
    provider.product_id,
    provider.product_name,
    provider.npi,
    provider.unit_id,
    provider.provider_name,
    provider.specialty,
    provider.territory_id,
    case when not provider.is_suppressed then classes.access_class end as access_class,
    behind_doors.locked_systems,
    behind_doors.locked_reasons,
    behind_doors.locked_from,
    provider.total_usd,
    provider.addressable_usd,
    provider.phantom_usd,
    provider.is_suppressed,
    provider.is_held_back
from {{ ref('mart_provider_opportunity') }} as provider
inner join behind_doors
    on
        provider.product_id = behind_doors.product_id
        and provider.npi = behind_doors.npi
        and provider.unit_id = behind_doors.unit_id
inner join classes
    on
        provider.product_id = classes.product_id
        and provider.npi = classes.npi
        and provider.unit_id = classes.unit_id
order by provider.product_id, provider.npi, provider.unit_id
