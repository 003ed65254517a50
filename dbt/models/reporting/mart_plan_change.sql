with shown as (
    select
        change.unit_id,
        unit.unit_name,
        unit.state,
        change.from_territory_id,
        change.to_territory_id,
        territory.territory_name as to_territory_name,
        coalesce(potential.addressable_usd, {{ usd('0') }}) as addressable_usd,
        change.reason,
        coalesce(potential.is_suppressed, false) as is_suppressed
    from {{ ref('stg_territories__plan_changes') }} as change
    left join {{ ref('stg_geography__units') }} as unit on change.unit_id = unit.unit_id
    left join {{ ref('stg_territories__territories') }} as territory
        on change.to_territory_id = territory.territory_id
    left join {{ ref('int_disclosure__units') }} as potential on change.unit_id = potential.unit_id
)

select
    unit_id,
    unit_name,
    state,
    from_territory_id,
    to_territory_id,
    to_territory_name,
    {{ usd(unless_hidden('addressable_usd', 'is_suppressed')) }} as addressable_usd,
    reason,
    is_suppressed
from shown
order by unit_id
