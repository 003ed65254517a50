{#
  Each usual step of a triangle against what the factors of the delivery before led to expect: what an alarm on the lag
  itself looks at (quality/lag_shift.py).
#}
select
    step.source,
    step.claim_type,
    step.payer_channel,
    step.delivery,
    step.delivery_month,
    step.is_last,
    step.service_month,
    step.earlier_age_months as age_months,
    step.earlier_services,
    step.services,
    before.link_ratio as expected_ratio,
    before.ratio_variance as expected_ratio_variance,
    before.completion_factor as expected_completion
from {{ ref('int_development__counted') }} as step
inner join {{ ref('int_development__factors') }} as before
    on
        step.source = before.source
        and step.claim_type = before.claim_type
        and step.payer_channel = before.payer_channel
        and step.delivery - 1 = before.delivery
        and step.earlier_age_months = before.age_months
where step.is_usual_step and before.is_known
