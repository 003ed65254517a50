with judged as (
    select
        trend.*,
        disclosure.is_suppressed
        or disclosure.is_held_back
        or {{ is_window_small('trend', 'settings.suppression_threshold') }} as is_suppressed
    from {{ ref('stg_trends__trends') }} as trend
    inner join {{ ref('int_disclosure__geographies') }} as disclosure
        on
            trend.product_id = disclosure.product_id
            and trend.level = disclosure.geography_level
            and trend.member_id = disclosure.geography_id
    cross join {{ ref('stg_config__settings') }} as settings
)

select
    judged.product_id,
    product.product_name,
    judged.level as geography_level,
    judged.member_id as geography_id,
    coalesce(unit.unit_name, judged.member_id) as geography_name,
    judged.recent_from,
    judged.recent_to,
    judged.base_from,
    judged.base_to,
    judged.method,
    judged.panel_excluded,
    {{ unless_hidden('judged.trend_class', 'judged.is_suppressed') }} as trend_class,
    {% for column in ['growth_share', 'growth_low', 'growth_high'] -%}
    {{ unless_hidden(twentieth('judged.' ~ column), 'judged.is_suppressed') }} as {{ column }},
    {% endfor -%}
    judged.is_suppressed
from judged
inner join {{ ref('stg_config__products') }} as product on judged.product_id = product.product_id
left join {{ ref('stg_geography__units') }} as unit on judged.level = 'unit' and judged.member_id = unit.unit_id
order by judged.product_id, judged.level, judged.member_id
