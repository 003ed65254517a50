{#
  Captured lives by market lives, per payer channel, state and month: the second way to a capture rate. A person counts in a
  month on whose fifteenth the cover holds, once per channel and state, whatever sources list the person.
  What stands on fewer people than may be shown is no rate: it would tell how many they are.
#}
{% set middle = add_days('months.service_month', 14) %}

with months as (
    select distinct service_month
    from {{ ref('int_claims__delivered') }}
    where service_month is not null and not is_ahead
),

captured as (
    select
        span.payer_channel,
        span.state,
        months.service_month,
        count(distinct span.patient_key) as lives
    from {{ ref('stg_eligibility__spans') }} as span
    inner join months
        on {{ is_effective(middle, 'span.enrollment_start_date', 'span.enrollment_end_date') }}
    group by span.payer_channel, span.state, months.service_month
),

levels as (
    select
        payer_channel,
        state,
        service_month,
        lives
    from captured
    where state is not null

    union all

    select
        span.payer_channel,
        cast(null as {{ dbt.type_string() }}) as state,
        months.service_month,
        count(distinct span.patient_key) as lives
    from {{ ref('stg_eligibility__spans') }} as span
    inner join months
        on {{ is_effective(middle, 'span.enrollment_start_date', 'span.enrollment_end_date') }}
    group by span.payer_channel, months.service_month
)

select
    levels.payer_channel,
    levels.state,
    levels.service_month,
    cast(levels.lives as bigint) as captured_lives,
    market.lives as market_lives,
    least(round(cast(levels.lives as double) / market.lives, 6), 1) as capture_rate,
    market.source as rate_source
from levels
inner join {{ ref('stg_config__market_lives') }} as market
    on
        levels.payer_channel = market.payer_channel
        and levels.state is not distinct from market.state
        and {{ is_effective('levels.service_month', 'market.from_month', 'market.to_month') }}
cross join {{ ref('stg_config__settings') }} as setting
where levels.lives >= setting.suppression_threshold and round(cast(levels.lives as double) / market.lives, 6) > 0
