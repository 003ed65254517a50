-- Providers, accounts and units divide the same volume: their sums agree per product and month.
{% set facts = ['fct_geography_opportunity', 'fct_provider_opportunity', 'fct_account_opportunity'] %}

with sums as (
    {% for fact in facts %}
    select
        product_id,
        service_month,
        months_covered,
        sum(procedures) as procedures,
        sum(total_usd) as total_usd,
        sum(addressable_usd) as addressable_usd,
        sum(billed_usd) as billed_usd
    from {{ ref(fact) }}
    group by product_id, service_month, months_covered
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    product_id,
    service_month,
    months_covered
from sums
group by product_id, service_month, months_covered
having
    count(*) <> {{ facts | length }}
    or min(procedures) <> max(procedures)
    or min(total_usd) <> max(total_usd)
    or min(addressable_usd) <> max(addressable_usd)
    or min(billed_usd) <> max(billed_usd)
