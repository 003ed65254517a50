{#
  Link ratios as of each delivery: how services known at one age grew to the next, in steps that fell into the last
  `completion_window_refreshes` deliveries; per triangle, per claim type over all channels, and per source over all.

  `chance` is the variance of a single month's ratio that mere counting gives (f (f - 1) ÷ services, of Poisson counts),
  `excess` what its months differ beyond that (Mack 1993, less chance), both times the services that the ratio stands on.
#}
{% set levels = [('claim_type', 'payer_channel'), ('claim_type', "'all'"), ("'all'", "'all'")] %}

with steps as (
    {%- for claim_type, payer_channel in levels %}
    {{ 'union all' if not loop.first }}
    select
        source,
        {{ claim_type }} as claim_type,
        {{ payer_channel }} as payer_channel,
        delivery,
        earlier_age_months as age_months,
        sum(services) as services,
        sum(earlier_services) as earlier_services
    from {{ ref('int_development__counted') }}
    where is_usual_step
    group by
        source, delivery, earlier_age_months
        {{- ', claim_type' if claim_type == 'claim_type' }}{{ ', payer_channel' if payer_channel == 'payer_channel' }}
    {%- endfor %}
),

windowed as (
    select
        step.source,
        step.claim_type,
        step.payer_channel,
        as_of.delivery,
        step.age_months,
        count(case when step.earlier_services > 0 then 1 end) as months,
        sum(step.services) as services,
        sum(step.earlier_services) as earlier_services,
        sum(cast(
            case
                when step.earlier_services > 0
                    then cast(step.services as double) * step.services / step.earlier_services
                else 0
            end as decimal(28, 6)
        )) as squares,
        sum(case when step.earlier_services > 0 then step.services else 0 end) as services_of_months
    from steps as step
    cross join {{ ref('stg_config__settings') }} as setting
    inner join {{ ref('int_deliveries__numbered') }} as as_of
        on
            step.source = as_of.source
            and step.delivery <= as_of.delivery
            and step.delivery > as_of.delivery - setting.completion_window_refreshes
    group by step.source, step.claim_type, step.payer_channel, as_of.delivery, step.age_months
),

ratios as (
    select
        source,
        claim_type,
        payer_channel,
        delivery,
        age_months,
        months,
        earlier_services,
        greatest(cast(services as double) / earlier_services, 1) as link_ratio,
        case
            when months > 1
                then greatest(
                    (
                        cast(squares as double)
                        - cast(services_of_months as double) * services_of_months / earlier_services
                    ) / (months - 1), 0
                )
            else 0
        end as mack_variance
    from windowed
    where earlier_services > 0
)

select
    source,
    claim_type,
    payer_channel,
    delivery,
    age_months,
    cast(months as integer) as months,
    cast(earlier_services as bigint) as exposure_services,
    round(link_ratio, 12) as link_ratio,
    round(link_ratio * (link_ratio - 1), 9) as chance,
    round(greatest(mack_variance - link_ratio * (link_ratio - 1), 0), 6) as excess
from ratios
