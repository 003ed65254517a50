-- Which accounts of the planning year may be shown, per product and unit.
-- Published margin: unit = its accounts. An account that only bills may be alone in a unit without volume.
with people as (
    select
        'procedure' as measure,
        potential.product_id,
        potential.account_id as member_id,
        potential.unit_id as parent_id,
        coalesce(unit.is_suppressed, false) as is_parent_hidden,
        potential.patients as people
    from {{ ref('int_potential__by_account') }} as potential
    left join {{ ref('int_disclosure__geographies') }} as unit
        on
            potential.product_id = unit.product_id
            and potential.unit_id = unit.geography_id
            and unit.geography_level = 'unit'

    union all

    select
        'diagnosis' as measure,
        potential.product_id,
        potential.account_id as member_id,
        potential.unit_id as parent_id,
        coalesce(unit.is_diagnosis_suppressed, false) as is_parent_hidden,
        coalesce(potential.diagnosed_patients, 0) as people
    from {{ ref('int_potential__by_account') }} as potential
    left join {{ ref('int_disclosure__geographies') }} as unit
        on
            potential.product_id = unit.product_id
            and potential.unit_id = unit.geography_id
            and unit.geography_level = 'unit'
),

cells as (
    select
        people.*,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        false as is_only_child,
        settings.suppression_threshold as threshold,
        people.people between 1 and settings.suppression_threshold - 1 as is_hidden
    from people
    cross join {{ ref('stg_config__settings') }} as settings
),

closed as (
    {{ close_margin('cells', 'parent_id', 'is_parent_hidden') }}
)

select
    product_id,
    member_id as account_id,
    parent_id as unit_id,
    max(case when measure = 'procedure' and is_hidden then 1 else 0 end) = 1 as is_suppressed,
    max(case when measure = 'diagnosis' and is_hidden then 1 else 0 end) = 1 as is_diagnosis_suppressed
from closed
group by product_id, member_id, parent_id
