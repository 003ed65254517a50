{#
  Volume by month and area, rounded: counts to two thresholds, dollars to what so many procedures of the dearest product are
  worth, and the projection to what so many captured procedures can project to at most that month. Its factor and its
  completeness follow from the rounded numbers, for exact ones would tell the payers behind them.
#}
with judged as (
    select
        area.*,
        steps.procedure_step,
        steps.usd_step,
        steps.procedure_step * ceil(
            max(area.greatest_factor) over (partition by area.product_id, area.service_month)
        ) as projection_step,
        area.people_at_least < settings.suppression_threshold as is_suppressed
    from {{ ref('fct_area_opportunity') }} as area
    cross join {{ ref('int_disclosure__steps') }} as steps
    cross join {{ ref('stg_config__settings') }} as settings
),

rounded as (
    select
        product_id,
        area_level,
        area_id,
        service_month,
        is_suppressed,
        {%- for column in ['completed_procedures', 'projected_procedures'] %}
        case
            when is_suppressed then null
            when greatest_factor = 1 then {{ rounded_to('procedures', 'procedure_step') }}
            else greatest(
                {{ rounded_to(column, 'projection_step') }}, {{ rounded_to('procedures', 'procedure_step') }}
            )
        end as {{ column }},
        {%- endfor %}
        {%- for column in ['total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] %}
        {{ unless_hidden(usd(rounded_to(column, 'usd_step')), 'is_suppressed') }} as {{ column }},
        {%- endfor %}
        {{ unless_hidden(rounded_to('procedures', 'procedure_step'), 'is_suppressed') }} as procedures
    from judged
)

select
    rounded.product_id,
    product.product_name,
    rounded.area_level,
    rounded.area_id,
    rounded.service_month,
    rounded.is_suppressed,
    cast(rounded.procedures as bigint) as procedures,
    cast(rounded.projected_procedures as bigint) as projected_procedures,
    round(cast(rounded.projected_procedures as double) / nullif(rounded.procedures, 0), 2) as projection_factor,
    round(cast(rounded.procedures as double) / nullif(rounded.completed_procedures, 0), 3) as completeness_share,
    rounded.total_usd,
    rounded.addressable_usd,
    rounded.phantom_usd,
    rounded.unknown_usd
from rounded
inner join {{ ref('stg_config__products') }} as product on rounded.product_id = product.product_id
order by product_id, area_level, area_id, service_month
