-- Which strengths of link of a product may be shown. Published margin: nation = its strengths.
with cells as (
    select
        'procedure' as measure,
        potential.product_id,
        potential.link_strength as member_id,
        'nation' as parent_id,
        nation.is_suppressed or nation.is_held_back as is_parent_hidden,
        potential.patients as people,
        potential.procedures as services,
        1 as lowest,
        cast(null as {{ dbt.type_string() }}) as held_snapshot_id,
        false as is_opted_out,
        settings.suppression_threshold as threshold,
        potential.patients between 1 and settings.suppression_threshold - 1 as is_hidden
    from {{ ref('int_potential__by_link') }} as potential
    inner join {{ ref('int_disclosure__geographies') }} as nation
        on potential.product_id = nation.product_id and nation.geography_level = 'nation'
    cross join {{ ref('stg_config__settings') }} as settings
),

closed as (
    {{ close_margin('cells') }}
)

select
    product_id,
    member_id as link_strength,
    is_hidden as is_suppressed
from closed
