{#
  The capture rate that holds for a payer channel at sites of a state in a month, and where it came from
  (docs/methods/opportunity.md, section 2): the user's row for the state, else the user's for the nation; else captured lives by
  market lives of the state, else of the nation; else 1, and nothing was given.
#}
with months as (
    select distinct service_month
    from {{ ref('int_claims__delivered') }}
    where service_month is not null and not is_ahead

    union

    select distinct service_month
    from {{ ref('int_volumes__annual') }}
),

states as (
    select distinct state
    from {{ ref('stg_geography__units') }}
    where state is not null
),

channels as (
    {%- for channel in ['medicare', 'medicaid', 'commercial', 'unknown'] %}
    {{ 'union all' if not loop.first }}
    select '{{ channel }}' as payer_channel
    {%- endfor %}
),

spine as (
    select
        channels.payer_channel,
        states.state,
        months.service_month
    from channels
    cross join states
    cross join months
),

candidates as (
    select
        spine.payer_channel,
        spine.state,
        spine.service_month,
        case when given.state is null then 2 else 1 end as preference,
        'given' as capture_basis,
        given.capture_rate,
        given.capture_rate_low,
        given.capture_rate_high,
        given.source as rate_source
    from spine
    inner join {{ ref('stg_config__capture_rates') }} as given
        on
            spine.payer_channel = given.payer_channel
            and (given.state is null or spine.state = given.state)
            and {{ is_effective('spine.service_month', 'given.from_month', 'given.to_month') }}

    union all

    select
        spine.payer_channel,
        spine.state,
        spine.service_month,
        case when lives.state is null then 4 else 3 end as preference,
        'lives' as capture_basis,
        lives.capture_rate,
        lives.capture_rate as capture_rate_low,
        lives.capture_rate as capture_rate_high,
        lives.rate_source
    from spine
    inner join {{ ref('int_capture__lives') }} as lives
        on
            spine.payer_channel = lives.payer_channel
            and (lives.state is null or spine.state = lives.state)
            and spine.service_month = lives.service_month
),

chosen as (
    select *
    from candidates
    qualify row_number() over (
        partition by payer_channel, state, service_month order by preference, rate_source
    ) = 1
)

select
    spine.payer_channel,
    spine.state,
    spine.service_month,
    coalesce(chosen.capture_rate, 1) as capture_rate,
    coalesce(chosen.capture_rate_low, 1) as capture_rate_low,
    coalesce(chosen.capture_rate_high, 1) as capture_rate_high,
    round(
        coalesce(chosen.capture_rate_high - chosen.capture_rate_low, 0)
        / (2 * {{ standard_errors_of('setting.interval_level') }}), 9
    ) as standard_error,
    coalesce(chosen.capture_basis, 'none') as capture_basis,
    chosen.rate_source,
    chosen.capture_basis is not null as is_capture_given
from spine
cross join {{ ref('stg_config__settings') }} as setting
left join chosen
    on
        spine.payer_channel = chosen.payer_channel
        and spine.state = chosen.state
        and spine.service_month = chosen.service_month
