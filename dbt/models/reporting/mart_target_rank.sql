{#
  Ranks are counted among those who are shown: a gap would tell between whom a withheld provider lies. The interval keeps
  its width. Components are rounded, so that the mean over all says nothing of those who are withheld.
#}
with shown as (
    {{ providers_shown() }}
),

judged as (
    select
        target.*,
        shown.is_hidden as is_suppressed,
        row_number() over (
            partition by target.product_id, shown.is_hidden order by target.target_rank, target.npi
        ) as shown_rank
    from {{ ref('stg_ranking__target_ranks') }} as target
    inner join shown on target.product_id = shown.product_id and target.npi = shown.npi
)

select
    judged.product_id,
    product.product_name,
    judged.npi,
    provider.provider_name,
    provider.specialty,
    {{ unless_hidden('judged.shown_rank', 'judged.is_suppressed') }} as target_rank,
    {{ unless_hidden('greatest(1, judged.shown_rank + judged.rank_low - judged.target_rank)', 'judged.is_suppressed') }}
        as rank_low,
    {{ unless_hidden('judged.shown_rank + judged.rank_high - judged.target_rank', 'judged.is_suppressed') }}
        as rank_high,
    {% for column in ['intensity', 'referral_value'] -%}
    {{ unless_hidden(three_digits('judged.' ~ column), 'judged.is_suppressed') }} as {{ column }},
    {% endfor -%}
    judged.intensity_unit,
    {{ unless_hidden('round(judged.charge_share, 2)', 'judged.is_suppressed') }} as charge_share,
    {{ unless_hidden('judged.is_charge_based', 'judged.is_suppressed') }} as is_charge_based,
    {{ unless_hidden(
        'case when judged.growth_share is not null then judged.trend_class end', 'judged.is_suppressed'
    ) }} as trend_class,
    {{ unless_hidden(twentieth('judged.growth_share'), 'judged.is_suppressed') }} as growth_share,
    {{ unless_hidden(twentieth('judged.addressable_share'), 'judged.is_suppressed') }} as addressable_share,
    {% for component in ['intensity', 'referral', 'trend', 'addressable'] -%}
    {{ unless_hidden('round(judged.' ~ component ~ '_score, 1)', 'judged.is_suppressed') }} as {{ component }}_score,
    {% endfor -%}
    judged.is_suppressed
from judged
inner join {{ ref('stg_config__products') }} as product on judged.product_id = product.product_id
left join {{ ref('int_providers__located') }} as provider on judged.npi = provider.npi
order by judged.product_id, judged.npi
