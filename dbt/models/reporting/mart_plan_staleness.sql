{#
  How far the codes have moved away from under the plan. Two measures, per product and for all of them together:

  - stale_share: of the opportunity that the plan was built on, the part on codes that were deleted or revised since, that
    is from the end of the plan's planning year to the as-of refresh
  - mix_distance: total variation, half the sum of the absolute differences, between the shares of product and code then
    and now
#}
with as_of as (
    select max(known_on) as known_on
    from {{ ref('stg_landing__refreshes') }}
),

changed as (
    select distinct
        mix.product_id,
        mix.code_system,
        mix.code
    from {{ ref('stg_territories__plan_code_mixes') }} as mix
    inner join {{ ref('stg_codes__changes') }} as change
        on
            mix.code_system = change.code_system
            and mix.code = change.code
            and change.change in ('deleted', 'revised')
            and change.effective_from >= {{ add_months('mix.last_month', 1) }}
    inner join as_of on change.effective_from <= as_of.known_on
),

plan as (
    select distinct plan_id
    from {{ ref('stg_territories__plan_code_mixes') }}
),

codes as (
    select
        mix.product_id,
        mix.code_system,
        mix.code,
        mix.total_usd as then_usd,
        {{ usd('0') }} as now_usd,
        case when changed.code is not null then mix.total_usd else {{ usd('0') }} end as stale_usd,
        case when changed.code is not null then mix.patients end as stale_patients
    from {{ ref('stg_territories__plan_code_mixes') }} as mix
    left join changed
        on
            mix.product_id = changed.product_id
            and mix.code_system = changed.code_system
            and mix.code = changed.code

    union all

    select
        product_id,
        code_system,
        code,
        {{ usd('0') }} as then_usd,
        total_usd as now_usd,
        {{ usd('0') }} as stale_usd,
        cast(null as bigint) as stale_patients
    from {{ ref('fct_code_opportunity') }}
),

scoped as (
    select
        codes.*,
        codes.product_id as scope_id
    from codes

    union all

    select
        codes.*,
        'all' as scope_id
    from codes
),

cells as (
    select
        scope_id,
        product_id,
        code_system,
        code,
        sum(then_usd) as then_usd,
        sum(now_usd) as now_usd,
        sum(stale_usd) as stale_usd,
        max(stale_patients) as stale_patients
    from scoped
    group by scope_id, product_id, code_system, code
),

shares as (
    select
        *,
        cast(then_usd as double) / nullif(cast(sum(then_usd) over (partition by scope_id) as double), 0) as then_share,
        cast(now_usd as double) / nullif(cast(sum(now_usd) over (partition by scope_id) as double), 0) as now_share,
        cast(stale_usd as double) / nullif(cast(sum(then_usd) over (partition by scope_id) as double), 0) as stale_share
    from cells
),

measured as (
    select
        scope_id,
        count(case when stale_usd > 0 then 1 end) as stale_codes,
        cast(sum(cast(stale_share as decimal(18, 12))) as double) as stale_share,
        cast(sum(cast(abs(then_share - now_share) as decimal(18, 12))) as double) / 2 as mix_distance,
        coalesce(max(stale_patients), 0) between 1 and max(settings.suppression_threshold) - 1 as is_suppressed
    from shares
    cross join {{ ref('stg_config__settings') }} as settings
    group by scope_id
)

select
    plan.plan_id,
    measured.scope_id as product_id,
    cast(measured.stale_codes as bigint) as stale_codes,
    {{ unless_hidden('round(measured.stale_share, 3)', 'measured.is_suppressed') }} as stale_share,
    round(measured.mix_distance, 3) as mix_distance,
    measured.is_suppressed
from measured
cross join plan
order by plan.plan_id, product_id
