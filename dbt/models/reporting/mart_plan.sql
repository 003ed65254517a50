with sizes as (
    select
        plan_id,
        count(*) as territories,
        sum(units) as units
    from {{ ref('stg_territories__territories') }}
    group by plan_id
)

select
    plan.plan_id,
    plan.built_for_refresh,
    plan.plan_hash,
    plan.measure,
    cast(coalesce(sizes.territories, 0) as bigint) as territories,
    cast(coalesce(sizes.units, 0) as bigint) as units,
    plan.objective,
    plan.bound,
    plan.gap_share,
    plan.max_deviation_share,
    -- Rounded: the exact share of one moved unit would tell its withheld value.
    round(plan.moved_opportunity_share, 3) as moved_opportunity_share,
    plan.moved_units,
    plan.what_binds
from {{ ref('stg_territories__plans') }} as plan
left join sizes on plan.plan_id = sizes.plan_id
order by plan.plan_id
