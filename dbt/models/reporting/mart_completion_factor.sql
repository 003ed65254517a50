-- Completion factors of the nation as of the last deliveries. A triangle with few people in every month is withheld.
with people as (
    select
        source,
        claim_type,
        payer_channel,
        max(people_at_least) as people_at_least
    from {{ ref('int_development__counted') }}
    where is_last
    group by source, claim_type, payer_channel
),

judged as (
    select
        factor.*,
        coalesce(people.people_at_least, 0) < setting.suppression_threshold as is_suppressed
    from {{ ref('fct_completion_factor') }} as factor
    cross join {{ ref('stg_config__settings') }} as setting
    left join people
        on
            factor.source = people.source
            and factor.claim_type = people.claim_type
            and factor.payer_channel = people.payer_channel
)

select
    source,
    claim_type,
    payer_channel,
    age_months,
    delivery_month,
    is_suppressed,
    {%- for column in ['completion_factor', 'standard_error', 'link_ratio', 'credibility_share'] %}
    {{ unless_hidden('round(' ~ column ~ ', 4)', 'is_suppressed') }} as {{ column }},
    {%- endfor %}
    is_known
from judged
order by source, claim_type, payer_channel, age_months
