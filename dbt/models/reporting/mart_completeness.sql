-- How complete each product's months are, as rates: no volume is told, and nothing of cells with few people.
with judged as (
    select
        completeness.*,
        completeness.people_at_least < setting.suppression_threshold as is_suppressed
    from {{ ref('fct_completeness') }} as completeness
    cross join {{ ref('stg_config__settings') }} as setting
)

select
    product_id,
    payer_channel,
    service_month,
    is_suppressed,
    {{ unless_hidden('round(completeness_share, 3)', 'is_suppressed') }} as completeness_share,
    {{ unless_hidden('round(capture_share, 3)', 'is_suppressed') }} as capture_share,
    {{ unless_hidden('round(projection_factor, 2)', 'is_suppressed') }} as projection_factor,
    is_completion_known,
    is_capture_given,
    {{ unless_hidden('is_mature', 'is_suppressed') }} as is_mature
from judged
order by product_id, payer_channel, service_month
