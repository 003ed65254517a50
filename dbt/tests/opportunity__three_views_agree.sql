-- Providers, accounts and units divide the same volume: their sums agree per product and month, and the credit of the
-- people involved sums to the procedures. What an account billed elsewhere comes on top and is left out. What is
-- projected is one table for all three: their sums of it agree where each of its cells has a row to be shown in.
{% set tables = {
    'int_opportunity__by_geography': ['unit_id', 'service_month', 'months_covered'],
    'int_opportunity__by_provider': ['npi', 'unit_id', 'service_month', 'months_covered'],
    'int_opportunity__by_account': ['account_id', 'service_month', 'months_covered']
} %}

with sums as (
    {% for table in tables %}
    select
        product_id,
        service_month,
        months_covered,
        sum({{ 'involvements' if table == 'int_opportunity__by_provider' else 'procedures' }}) as involvements,
        sum(procedures) as procedures,
        sum(sides) as sides,
        sum(units) as units,
        sum(doses) as doses,
        sum(total_usd) as total_usd,
        sum(addressable_usd) as addressable_usd,
        sum(billed_usd) as billed_usd
    from {{ ref(table) }}
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
    count(*) <> {{ tables | length }}
    or min(procedures) <> max(procedures)
    or min(involvements) <> max(involvements)
    or min(sides) <> max(sides)
    or min(units) <> max(units)
    or min(doses) <> max(doses)
    or min(total_usd) <> max(total_usd)
    or min(addressable_usd) <> max(addressable_usd)
    or min(billed_usd) <> max(billed_usd)

{% for table, keys in tables.items() %}
union all

select
    projected.product_id,
    projected.service_month,
    projected.months_covered
from {{ ref('int_opportunity__projected') }} as projected
left join {{ ref(table) }} as shown
    on
        projected.product_id = shown.product_id
        {%- for key in keys %}
        and projected.{{ key }} = shown.{{ key }}
        {%- endfor %}
where shown.product_id is null

{% endfor %}
