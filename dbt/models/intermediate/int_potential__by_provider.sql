-- The planning year per product, performer and unit.
select
    product_id,
    npi,
    unit_id,
    {{ opportunity_measures() }},
    min(first_month) as first_month,
    max(last_month) as last_month,
    max(planned_months) as months_covered
from {{ ref('int_opportunity__planned') }}
group by product_id, npi, unit_id
