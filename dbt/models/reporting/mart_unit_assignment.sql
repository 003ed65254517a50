with shown as (
    select
        assignment.unit_id,
        unit.unit_name,
        unit.unit_type,
        unit.county_fips,
        unit.state,
        unit.latitude,
        unit.longitude,
        assignment.territory_id,
        territory.territory_name,
        assignment.plan_id,
        coalesce(potential.addressable_usd, {{ usd('0') }}) as addressable_usd,
        coalesce(potential.procedures, cast(0 as decimal(18, 4))) as procedures,
        assignment.drive_miles,
        assignment.drive_minutes,
        assignment.is_bridge,
        coalesce(potential.is_suppressed, false) as is_suppressed
    from {{ ref('stg_territories__unit_assignments') }} as assignment
    left join {{ ref('stg_geography__units') }} as unit on assignment.unit_id = unit.unit_id
    left join {{ ref('stg_territories__territories') }} as territory
        on assignment.territory_id = territory.territory_id
    left join {{ ref('int_disclosure__units') }} as potential on assignment.unit_id = potential.unit_id
)

select
    unit_id,
    unit_name,
    unit_type,
    county_fips,
    state,
    latitude,
    longitude,
    territory_id,
    territory_name,
    plan_id,
    {{ usd(unless_hidden('addressable_usd', 'is_suppressed')) }} as addressable_usd,
    cast({{ unless_hidden('procedures', 'is_suppressed') }} as decimal(18, 4)) as procedures,
    drive_miles,
    drive_minutes,
    is_bridge,
    is_suppressed
from shown
order by unit_id
