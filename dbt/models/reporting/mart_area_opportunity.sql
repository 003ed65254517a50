{#
  Volume by month and area, rounded: counts to two thresholds, dollars to what so many procedures are worth, and the
  projection to what so many captured procedures can project to at most that month. Its factor and its completeness
  follow from the rounded numbers, for exact ones would tell the payers behind them; the total in dollars is the sum of
  its rounded parts.
#}
{% set parts = ['addressable_usd', 'phantom_usd', 'unknown_usd'] %}

with judged as (
    select
        area.*,
        product.product_name,
        steps.procedure_step,
        steps.procedure_step * product.price_usd as usd_step,
        steps.procedure_step * ceil(
            max(area.greatest_factor) over (partition by area.product_id, area.service_month)
        ) as projection_step,
        area.shown_people < settings.suppression_threshold as is_suppressed
    from {{ ref('fct_area_opportunity') }} as area
    inner join {{ ref('stg_config__products') }} as product on area.product_id = product.product_id
    cross join {{ ref('int_disclosure__steps') }} as steps
    cross join {{ ref('stg_config__settings') }} as settings
),

rounded as (
    select
        product_id,
        product_name,
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
        {%- for column in parts %}
        {{ unless_hidden(usd('coalesce(' ~ rounded_to(column, 'nullif(usd_step, 0)') ~ ', 0)'), 'is_suppressed') }} as {{ column }},
        {%- endfor %}
        {%- for column in ['procedures', 'site_patients'] %}
        {{ unless_hidden(rounded_to(column, 'procedure_step'), 'is_suppressed') }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from judged
)

select
    product_id,
    product_name,
    area_level,
    area_id,
    service_month,
    is_suppressed,
    cast(procedures as bigint) as procedures,
    cast(site_patients as bigint) as site_patients,
    cast(projected_procedures as bigint) as projected_procedures,
    round(cast(projected_procedures as double) / nullif(procedures, 0), 2) as projection_factor,
    round(cast(procedures as double) / nullif(completed_procedures, 0), 3) as completeness_share,
    {{ usd('addressable_usd + phantom_usd + unknown_usd') }} as total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd
from rounded
order by product_id, area_level, area_id, service_month
