{#
  A cohort of one or two people would show what their own rows withhold, and so would its small windows: then neither side
  of the comparison is shown, for each tells of the other by the difference.
#}
with judged as (
    select
        cohort.*,
        max(
            case
                when cohort.providers < 3 or {{ is_window_small('cohort', 'settings.suppression_threshold') }} then 1
                else 0
            end
        ) over (partition by cohort.comparison_id, cohort.product_id) = 1 as is_suppressed
    from {{ ref('stg_trends__cohort_trends') }} as cohort
    cross join {{ ref('stg_config__settings') }} as settings
)

select
    judged.comparison_id,
    judged.product_id,
    product.product_name,
    judged.cohort_name,
    judged.other_cohort_name,
    judged.recent_from,
    judged.recent_to,
    {{ unless_hidden('judged.trend_class', 'judged.is_suppressed') }} as trend_class,
    {% for column in ['growth_share', 'growth_low', 'growth_high', 'difference_share', 'difference_low',
        'difference_high'] -%}
    {{ unless_hidden('round(judged.' ~ column ~ ', 2)', 'judged.is_suppressed') }} as {{ column }},
    {% endfor -%}
    {{ unless_hidden('judged.is_different', 'judged.is_suppressed') }} as is_different,
    judged.is_suppressed
from judged
inner join {{ ref('stg_config__products') }} as product on judged.product_id = product.product_id
order by judged.comparison_id, judged.product_id, judged.cohort_name
