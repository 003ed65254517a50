{#
  Volume by month and area, rounded: counts to two thresholds, dollars to what so many procedures are worth, and the
  projection to what so many captured procedures can project to at most that month. Its factor and its completeness
  follow from the rounded numbers, for exact ones would tell the payers behind them; the total in dollars is the sum of
  its rounded parts. Where too few people are sure to be behind a row it has no step, so all of it is null.
#}
with stepped as (
    select
        area.*,
        product.product_name,
        case when people.shown_people >= settings.suppression_threshold then steps.procedure_step end as step,
        greatest(product.price_usd, 0.01) as price_usd,
        ceil(max(area.greatest_factor) over (partition by area.product_id, area.service_month)) as most_projected
    from {{ ref('fct_area_opportunity') }} as area
    inner join {{ ref('stg_config__products') }} as product on area.product_id = product.product_id
    left join {{ ref('int_disclosure__areas') }} as people
        on
            area.product_id = people.product_id
            and area.area_level = people.area_level
            and area.area_id = people.area_id
            and area.service_month = people.service_month
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
        step is null as is_suppressed,
        greatest_factor > 1 as is_projected,
        {{ rounded_to('procedures', 'step') }} as procedures,
        {{ rounded_to('site_patients', 'step') }} as site_patients,
        {{ rounded_to('completed_procedures', '(step * most_projected)') }} as completed_procedures,
        {{ rounded_to('projected_procedures', '(step * most_projected)') }} as projected_procedures,
        {{ usd(rounded_to('addressable_usd', '(step * price_usd)')) }} as addressable_usd,
        {{ usd(rounded_to('phantom_usd', '(step * price_usd)')) }} as phantom_usd,
        {{ usd(rounded_to('unknown_usd', '(step * price_usd)')) }} as unknown_usd
    from stepped
),

at_least_captured as (
    select
        rounded.*,
        case when is_projected then greatest(completed_procedures, procedures) else procedures end as completed,
        case when is_projected then greatest(projected_procedures, procedures) else procedures end as projected
    from rounded
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
    cast(projected as bigint) as projected_procedures,
    round(cast(projected as double) / nullif(procedures, 0), 2) as projection_factor,
    round(cast(procedures as double) / nullif(completed, 0), 3) as completeness_share,
    {{ usd('addressable_usd + phantom_usd + unknown_usd') }} as total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd
from at_least_captured
order by product_id, area_level, area_id, service_month
