-- Completion factors as of each source's last delivery (int_development__factors has those of earlier ones).
select
    source,
    claim_type,
    payer_channel,
    cast(age_months as bigint) as age_months,
    delivery_month,
    completion_factor,
    standard_error,
    link_ratio,
    credibility_share,
    exposure_services,
    cast(months as bigint) as months,
    is_known
from {{ ref('int_development__factors') }}
where is_last
order by source, claim_type, payer_channel, age_months
