{#
  In every published margin whose total is shown, the withheld cells are none, or at least two whose services leave each
  other the range of a small cell; and no shown cell has 1 to 10 people. Judged on the flags and counts, not by the closing
  itself.
#}
with cells as (
    select
        'geography' as margin,
        potential.product_id,
        potential.geography_level || ' ' || potential.parent_id as total_id,
        coalesce(parent.is_suppressed or parent.is_held_back, false) as is_total_hidden,
        potential.patients as people,
        disclosure.is_suppressed or disclosure.is_held_back as is_hidden,
        case
            when disclosure.is_held_back then potential.procedures - settings.suppression_threshold
            else potential.procedures - 1
        end as slack
    from {{ ref('int_potential__by_geography') }} as potential
    inner join {{ ref('int_disclosure__geographies') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.geography_level = disclosure.geography_level
            and potential.geography_id = disclosure.geography_id
    cross join {{ ref('stg_config__settings') }} as settings
    left join {{ ref('int_disclosure__geographies') }} as parent
        on
            potential.product_id = parent.product_id
            and potential.parent_id = parent.geography_id
            and potential.geography_level = case parent.geography_level when 'nation' then 'state' else 'unit' end
    where potential.geography_level <> 'nation'

    {% for margin, member in [('provider', 'npi'), ('account', 'account_id')] %}
    union all

    select
        '{{ margin }}' as margin,
        potential.product_id,
        potential.unit_id as total_id,
        unit.is_suppressed or unit.is_held_back as is_total_hidden,
        potential.patients as people,
        disclosure.is_suppressed or disclosure.is_held_back as is_hidden,
        case
            when disclosure.is_held_back then potential.procedures - settings.suppression_threshold
            else potential.procedures - 1
        end as slack
    from {{ ref('int_potential__by_' ~ margin) }} as potential
    inner join {{ ref('int_disclosure__' ~ margin ~ 's') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.{{ member }} = disclosure.{{ member }}
            and potential.unit_id = disclosure.unit_id
    inner join {{ ref('int_disclosure__geographies') }} as unit
        on
            potential.product_id = unit.product_id
            and potential.unit_id = unit.geography_id
            and unit.geography_level = 'unit'
    cross join {{ ref('stg_config__settings') }} as settings
    {% endfor %}
)

select
    cells.margin,
    cells.product_id,
    cells.total_id,
    sum(case when cells.is_hidden then 1 else 0 end) as hidden_cells,
    sum(case when cells.is_hidden then cells.slack else 0 end) as slack
from cells
cross join {{ ref('stg_config__settings') }} as settings
where cells.people > 0
group by cells.margin, cells.product_id, cells.total_id, cells.is_total_hidden, settings.suppression_threshold
having
    max(case when not cells.is_hidden and cells.people < settings.suppression_threshold then 1 else 0 end) = 1
    or (
        not cells.is_total_hidden
        and sum(case when cells.is_hidden then 1 else 0 end) > 0
        and (
            sum(case when cells.is_hidden then 1 else 0 end) < 2
            or sum(case when cells.is_hidden then cells.slack else 0 end) < settings.suppression_threshold - 2
        )
    )
    or (cells.is_total_hidden and max(case when cells.is_hidden then 1 else 0 end) = 0)
