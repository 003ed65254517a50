{#
  Chains whose versions have to be judged, because a line was delivered twice, replaced, voided or reversed, or because
  a claim of them names another claim. After the first build: those of them that refreshes touched since the retired
  lines were last written, however old their other versions are.
#}
{{ config(post_hook='{{ hold() }}') }}

{% set later = should_full_refresh() == false %}

with news as (
    select
        line.chain_key,
        line.claim_line_number,
        line.claim_frequency_code <> '1'
        or coalesce(line.allowed_amount, 0) < 0
        or coalesce(line.paid_amount, 0) < 0
        or coalesce(line.charge_amount, 0) < 0 as is_telling
    from {{ ref('stg_claims__lines') }} as line
    where {{ is_news('line.refresh_id', 'int_claims__retired') }}
),

told as (
    select chain_key
    from news
    group by chain_key, claim_line_number
    having count(*) > 1 or max(case when is_telling then 1 else 0 end) = 1

    {% if later %}
    union

    select line.chain_key
    from {{ ref('stg_claims__lines') }} as line
    where
        line.chain_key in (select news.chain_key from news)
        and line.refresh_id in (
            select refresh_id
            from {{ ref('stg_landing__refreshes') }}
            where refresh_order <= {{ held_through('int_claims__retired') }}
        )
    {% endif %}
),

linked as (
    select
        chain_key,
        component_key
    from {{ ref('int_claims__linked') }}

    union

    select
        root_key as chain_key,
        component_key
    from {{ ref('int_claims__linked') }}
),

reached as (
    select distinct linked.component_key
    from linked
    {% if later %}
    where linked.chain_key in (select news.chain_key from news)
    {% endif %}
)

select
    chain_key,
    max(component_key) as component_key
from (
    select
        chain_key,
        cast(null as {{ key_type() }}) as component_key
    from told

    union all

    select
        linked.chain_key,
        linked.component_key
    from linked
    inner join reached on linked.component_key = reached.component_key
) as chains
group by chain_key
