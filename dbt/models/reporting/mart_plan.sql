with sizes as (
    select
        plan_id,
        count(*) as territories,
        sum(units) as units
    from {{ ref('stg_territories__territories') }}
    group by plan_id
),

flows as (
    {{ assigned_referral() }}
),

-- Rounded before they are divided: the share says no more than the two sums.
referral as (
    select
        {{ rounded_to('sum(flows.weight)', 'max(steps.procedure_step)') }} as weight,
        {{ rounded_to(
            'sum(case when flows.territory_a = flows.territory_b then flows.weight else 0 end)',
            'max(steps.procedure_step)'
        ) }} as retained
    from flows
    cross join {{ ref('int_disclosure__steps') }} as steps
    where flows.territory_a is not null and flows.territory_b is not null
)

select
    plan.plan_id,
    plan.built_for_refresh,
    plan.plan_hash,
    plan.measure,
    cast(coalesce(sizes.territories, 0) as bigint) as territories,
    cast(coalesce(sizes.units, 0) as bigint) as units,
    -- Rounded: the exact share of a territory or of one moved unit would tell what is withheld.
    {{ three_digits('plan.objective') }} as objective,
    {{ three_digits('plan.bound') }} as bound,
    round(plan.gap_share, 3) as gap_share,
    round({{ rounded_to('plan.max_deviation_share', 'steps.share_step') }}, 3) as max_deviation_share,
    round(
        {{ rounded_to(
            'plan.moved_opportunity_share', 'greatest(0.001, steps.share_step / greatest(sizes.territories, 1))'
        ) }}, 3
    ) as moved_opportunity_share,
    round(least(referral.retained, referral.weight) / nullif(referral.weight, 0), 3) as referral_retained_share,
    plan.moved_units,
    plan.what_binds
from {{ ref('stg_territories__plans') }} as plan
cross join {{ ref('int_disclosure__steps') }} as steps
cross join referral
left join sizes on plan.plan_id = sizes.plan_id
order by plan.plan_id
