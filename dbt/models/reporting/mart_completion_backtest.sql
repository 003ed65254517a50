{#
  Completion factors put to the test: at each earlier delivery, the factor computed from what was known then, against the share
  that was in fact known of what is known today. Only months that are complete by now to at least 99 %.
#}
with judged as (
    select
        factor.source,
        factor.claim_type,
        factor.payer_channel,
        factor.delivery_month,
        factor.age_months,
        before.service_month,
        factor.completion_factor,
        cast(before.services as double) / now.services as known_share,
        now.people_at_least < setting.suppression_threshold as is_suppressed
    from {{ ref('int_development__factors') }} as factor
    inner join {{ ref('int_development__counted') }} as before
        on
            factor.source = before.source
            and factor.claim_type = before.claim_type
            and factor.payer_channel = before.payer_channel
            and factor.delivery = before.delivery
            and factor.age_months = before.age_months
    inner join {{ ref('int_development__counted') }} as now
        on
            before.source = now.source
            and before.claim_type = now.claim_type
            and before.payer_channel = now.payer_channel
            and before.service_month = now.service_month
    inner join {{ ref('fct_completion_factor') }} as today
        on
            now.source = today.source
            and now.claim_type = today.claim_type
            and now.payer_channel = today.payer_channel
            and now.age_months = today.age_months
    cross join {{ ref('stg_config__settings') }} as setting
    where
        now.is_last
        and not factor.is_last
        and factor.is_known
        and now.services > 0
        and today.completion_factor >= 0.99
)

select
    source,
    claim_type,
    payer_channel,
    delivery_month,
    cast(age_months as bigint) as age_months,
    service_month,
    is_suppressed,
    {{ unless_hidden('round(completion_factor, 4)', 'is_suppressed') }} as completion_factor,
    {{ unless_hidden('round(known_share, 4)', 'is_suppressed') }} as known_share,
    {{ unless_hidden('round(100 * (completion_factor - known_share), 2)', 'is_suppressed') }} as error_points
from judged
order by source, claim_type, payer_channel, delivery_month, age_months
