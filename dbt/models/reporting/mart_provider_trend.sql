with shown as (
    {{ providers_shown() }}
),

judged as (
    select
        trend.*,
        shown.is_hidden or {{ is_window_small('trend', 'settings.suppression_threshold') }} as is_suppressed
    from {{ ref('stg_trends__trends') }} as trend
    inner join shown on trend.product_id = shown.product_id and trend.member_id = shown.npi
    cross join {{ ref('stg_config__settings') }} as settings
    where trend.level = 'provider'
)

select
    judged.product_id,
    product.product_name,
    judged.member_id as npi,
    provider.provider_name,
    provider.specialty,
    judged.recent_from,
    judged.recent_to,
    judged.base_from,
    judged.base_to,
    {{ unless_hidden('judged.trend_class', 'judged.is_suppressed') }} as trend_class,
    {% for column in ['growth_share', 'growth_low', 'growth_high'] -%}
    {{ unless_hidden(twentieth('judged.' ~ column), 'judged.is_suppressed') }} as {{ column }},
    {% endfor -%}
    judged.is_suppressed
from judged
inner join {{ ref('stg_config__products') }} as product on judged.product_id = product.product_id
left join {{ ref('int_providers__located') }} as provider on judged.member_id = provider.npi
order by judged.product_id, judged.member_id
