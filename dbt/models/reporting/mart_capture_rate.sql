-- Which capture rate holds where and when, and where it came from: one row for each run of months with the same.
{% set said = [
    'payer_channel', 'state', 'capture_rate', 'capture_rate_low', 'capture_rate_high', 'capture_basis', 'rate_source',
    'is_capture_given'
] %}

with numbered as (
    select
        {{ said | join(',\n        ') }},
        service_month,
        row_number() over (partition by payer_channel, state order by service_month)
        - row_number() over (partition by {{ said | join(', ') }} order by service_month) as run
    from {{ ref('int_capture__rates') }}
)

select
    payer_channel,
    state,
    min(service_month) as from_month,
    max(service_month) as to_month,
    round(capture_rate, 4) as capture_rate,
    round(capture_rate_low, 4) as capture_rate_low,
    round(capture_rate_high, 4) as capture_rate_high,
    capture_basis,
    rate_source,
    is_capture_given
from numbered
group by {{ said | join(', ') }}, run
order by payer_channel, state, from_month
