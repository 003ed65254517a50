{#
  Which geographies of the planning year may be shown, per product: once for the procedures and what follows from them
  (is_suppressed), once for the diagnosed patients (is_diagnosis_suppressed).

  Published margins: nation = states, state = units, and territory = units (territory totals are shown rounded, but
  quotas follow from them to the cent). The first two are closed last and always hold. A unit that is all its state has
  is not hidden for its territory's sake: the state would show it.
#}
with potential as (
    select
        potential.*,
        settings.suppression_threshold as threshold
    from {{ ref('int_potential__by_geography') }} as potential
    cross join {{ ref('stg_config__settings') }} as settings
),

people as (
    select
        'procedure' as measure,
        product_id,
        geography_level,
        geography_id,
        parent_id,
        patients as people,
        threshold
    from potential

    union all

    select
        'diagnosis' as measure,
        product_id,
        geography_level,
        geography_id,
        parent_id,
        coalesce(diagnosed_patients, 0) as people,
        threshold
    from potential
),

nation as (
    select
        *,
        people between 1 and threshold - 1 as is_hidden
    from people
    where geography_level = 'nation'
),

state_cells as (
    select
        cell.measure,
        cell.product_id,
        cell.geography_id as member_id,
        cell.parent_id,
        nation.is_hidden as is_parent_hidden,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        false as is_only_child,
        cell.people,
        cell.threshold,
        cell.people between 1 and cell.threshold - 1 as is_hidden
    from people as cell
    inner join nation on cell.measure = nation.measure and cell.product_id = nation.product_id
    where cell.geography_level = 'state'
),

states as (
    {{ close_margin('state_cells', 'parent_id', 'is_parent_hidden') }}
),

unit_cells as (
    select
        cell.measure,
        cell.product_id,
        cell.geography_id as member_id,
        cell.parent_id,
        states.is_hidden as is_parent_hidden,
        case when cell.measure = 'procedure' then assignment.territory_id end as territory_id,
        1 = sum(case when cell.people > 0 then 1 else 0 end) over (
            partition by cell.measure, cell.product_id, cell.parent_id
        ) as is_only_child,
        cell.people,
        cell.threshold,
        cell.people between 1 and cell.threshold - 1 as is_hidden
    from people as cell
    inner join states
        on
            cell.measure = states.measure
            and cell.product_id = states.product_id
            and cell.parent_id = states.member_id
    left join {{ ref('stg_territories__unit_assignments') }} as assignment on cell.geography_id = assignment.unit_id
    where cell.geography_level = 'unit'
),

-- Closing one margin may open another, so they are closed in turns.
{% set by_territory = 'territory_id is not null and (is_hidden or not is_only_child)' %}
in_states_first as (
    {{ close_margin('unit_cells', 'parent_id', 'is_parent_hidden') }}
),

in_territories_first as (
    {{ close_margin('in_states_first', 'territory_id', is_candidate=by_territory) }}
),

in_states_second as (
    {{ close_margin('in_territories_first', 'parent_id', 'is_parent_hidden') }}
),

in_territories_second as (
    {{ close_margin('in_states_second', 'territory_id', is_candidate=by_territory) }}
),

units as (
    {{ close_margin('in_territories_second', 'parent_id', 'is_parent_hidden') }}
),

judged as (
    select
        measure,
        product_id,
        'nation' as geography_level,
        geography_id,
        is_hidden
    from nation

    union all

    select
        measure,
        product_id,
        'state' as geography_level,
        member_id as geography_id,
        is_hidden
    from states

    union all

    select
        measure,
        product_id,
        'unit' as geography_level,
        member_id as geography_id,
        is_hidden
    from units
)

select
    product_id,
    geography_level,
    geography_id,
    max(case when measure = 'procedure' and is_hidden then 1 else 0 end) = 1 as is_suppressed,
    max(case when measure = 'diagnosis' and is_hidden then 1 else 0 end) = 1 as is_diagnosis_suppressed
from judged
group by product_id, geography_level, geography_id
