{#
  A true void repeats its claim or carries nothing; a true replacement changes it. Where most of a source's voids change
  what they void or are followed by a payment, and its replacements, if it has any, mostly repeat what they replace, its
  `frequency_codes` in sources.yml are the wrong way round. Judged are versions that have a predecessor, from ten on.
#}
{{ config(meta={'shown_columns': ['message']}) }}

{% set fewest = 10 %}

with said as (
    select
        source,
        component_key,
        claim_id,
        claim_line_number,
        claim_frequency_code,
        paid_date,
        first_order,
        max(version_rank) as version_rank,
        max(act_key) as act_key,
        max(abs(coalesce(allowed_usd, 0))) as allowed_usd,
        max(abs(coalesce(paid_usd, 0))) as paid_usd,
        max(abs(coalesce(charge_usd, 0))) as charge_usd,
        max(case when hcpcs_code is not null or coalesce(charge_usd, 0) <> 0 then 1 else 0 end) as carries
    from {{ ref('int_claims__versioned') }}
    where not is_reversal
    group by
        source, component_key, claim_id, claim_line_number, claim_frequency_code, paid_date, first_order, content_key
),

compared as (
    select
        *,
        lag(act_key) over (line_in_time) as act_before,
        lag(allowed_usd) over (line_in_time) as allowed_before,
        lag(charge_usd) over (line_in_time) as charge_before,
        max(case when claim_frequency_code <> '8' and paid_usd > 0 then version_rank end)
            over (partition by component_key) as last_payment
    from said
    window line_in_time as (partition by component_key, claim_line_number order by version_rank)
),

versions as (
    select
        source,
        claim_frequency_code,
        min(case
            when
                act_before is null
                or (act_key = act_before and allowed_usd = allowed_before and charge_usd = charge_before)
                then 1
            else 0
        end) = 1 as is_repeat,
        max(carries) = 0 as is_empty,
        max(last_payment) > max(version_rank) as is_paid_after
    from compared
    where claim_frequency_code in ('7', '8')
    group by source, component_key, claim_id, claim_frequency_code, paid_date, first_order
    having count(act_before) > 0
),

profiles as (
    select
        source,
        count(case when claim_frequency_code = '8' then 1 end) as voids,
        count(case when claim_frequency_code = '8' and ((not is_repeat and not is_empty) or is_paid_after) then 1 end)
            as voids_that_change,
        count(case when claim_frequency_code = '7' then 1 end) as replacements,
        count(case when claim_frequency_code = '7' and is_repeat then 1 end) as replacements_that_repeat
    from versions
    group by source
)

select
    source,
    voids,
    voids_that_change,
    replacements,
    replacements_that_repeat,
    'Source ' || source || ': ' || {{ as_text('voids_that_change') }} || ' of ' || {{ as_text('voids') }}
    || ' voids change their claim or are followed by a payment, and ' || {{ as_text('replacements_that_repeat') }}
    || ' of ' || {{ as_text('replacements') }} || ' replacements repeat it. Its frequency codes look swapped: set'
    || ' frequency_codes of the source in sources.yml.' as message
from profiles
where
    voids >= {{ fewest }}
    and 2 * voids_that_change > voids
    and (replacements = 0 or 2 * replacements_that_repeat > replacements)
