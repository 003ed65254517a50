-- Providers, accounts and units divide the same volume: their sums agree per product and month, and the credit of the
-- people involved sums to the procedures. What an account billed elsewhere comes on top and is left out.
{% set facts = ['fct_geography_opportunity', 'fct_provider_opportunity', 'fct_account_opportunity'] %}

with sums as (
    {% for fact in facts %}
    select
        product_id,
        service_month,
        months_covered,
        sum({{ 'involvements' if fact == 'fct_provider_opportunity' else 'procedures' }}) as involvements,
        sum(procedures) as procedures,
        sum(sides) as sides,
        sum(units) as units,
        sum(doses) as doses,
        sum(total_usd) as total_usd,
        sum(addressable_usd) as addressable_usd,
        sum(billed_usd) as billed_usd,
        sum(projected_procedures) as projected_procedures
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
    or min(involvements) <> max(involvements)
    or min(sides) <> max(sides)
    or min(units) <> max(units)
    or min(doses) <> max(doses)
    or min(total_usd) <> max(total_usd)
    or min(addressable_usd) <> max(addressable_usd)
    or min(billed_usd) <> max(billed_usd)
    or min(projected_procedures) <> max(projected_procedures)
    or max(procedures) > max(projected_procedures)
