{#
  Completion factors as of each delivery of a source (docs/methods/opportunity.md, section 1).

  1. ages:    every triangle at every age that its source had by then
  2. blended: its own ratio by its credibility, the rest that of its claim type, the rest of that the source's
  3. the factor is one over the product of all ratios from its age on, in steps of the source's usual length
#}
with triangles as (
    select
        source,
        claim_type,
        payer_channel,
        min(delivery) as first_delivery
    from {{ ref('int_development__counted') }}
    group by source, claim_type, payer_channel
),

seen_ages as (
    select distinct
        source,
        delivery,
        delivery_month,
        is_last,
        usual_step_months,
        age_months
    from {{ ref('int_development__counted') }}
),

ages as (
    select
        triangle.source,
        triangle.claim_type,
        triangle.payer_channel,
        seen.delivery,
        seen.delivery_month,
        seen.is_last,
        seen.usual_step_months,
        seen.age_months
    from triangles as triangle
    inner join seen_ages as seen
        on triangle.source = seen.source and triangle.first_delivery <= seen.delivery
),

{% set levels = {'own': ['age.claim_type', 'age.payer_channel'], 'kind': ['age.claim_type', "'all'"],
    'whole': ["'all'", "'all'"]} -%}

found as (
    select
        age.*
        {%- for level in levels %},
        {{ level }}.link_ratio as {{ level }}_ratio,
        ({{ level }}.chance + {{ level }}.excess) / {{ level }}.exposure_services
        + {{ level }}.excess * {{ level }}.months / {{ level }}.exposure_services as {{ level }}_variance,
        least(1, sqrt(cast(coalesce({{ level }}.exposure_services, 0) as double) / setting.completion_min_services))
            as {{ level }}_weight
        {%- endfor %},
        coalesce(own.exposure_services, 0) as exposure_services,
        coalesce(own.months, 0) as months
    from ages as age
    cross join {{ ref('stg_config__settings') }} as setting
    {%- for level, keys in levels.items() %}
    left join {{ ref('int_development__ratios') }} as {{ level }}
        on
            age.source = {{ level }}.source
            and {{ keys[0] }} = {{ level }}.claim_type
            and {{ keys[1] }} = {{ level }}.payer_channel
            and age.delivery = {{ level }}.delivery
            and age.age_months = {{ level }}.age_months
    {%- endfor %}
),

blended as (
    select
        found.*,
        coalesce(own_weight * own_ratio, 0)
        + (1 - own_weight) * (
            coalesce(kind_weight * kind_ratio, 0) + (1 - kind_weight) * coalesce(whole_ratio, 1)
        ) as link_ratio,
        coalesce(own_weight * own_weight * own_variance, 0)
        + (1 - own_weight) * (1 - own_weight) * (
            coalesce(kind_weight * kind_weight * kind_variance, 0)
            + (1 - kind_weight) * (1 - kind_weight) * coalesce(whole_variance, 0)
        ) as ratio_variance,
        count(whole_ratio) over (partition by source, delivery) > 0 as is_known
    from found
),

multiplied as (
    select
        blended.*,
        least(exp(-sum(ln(link_ratio)) over from_here), 1) as completion_factor,
        sqrt(sum(ratio_variance / (link_ratio * link_ratio)) over from_here) as relative_error
    from blended
    window
        from_here as (
            partition by source, claim_type, payer_channel, delivery, age_months % usual_step_months
            order by age_months desc
            rows between unbounded preceding and current row
        )
)

select
    source,
    claim_type,
    payer_channel,
    delivery,
    delivery_month,
    is_last,
    age_months,
    cast(exposure_services as bigint) as exposure_services,
    cast(months as integer) as months,
    round(own_weight, 6) as credibility_share,
    round(link_ratio, 9) as link_ratio,
    round(ratio_variance, 12) as ratio_variance,
    round(completion_factor, 9) as completion_factor,
    round(completion_factor * relative_error, 9) as standard_error,
    is_known
from multiplied
