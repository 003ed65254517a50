-- The planning year per product, site of service and unit.
select
    product_id,
    account_id,
    unit_id,
    {{ opportunity_measures() }},
    {{ count_performing('npi') }} as providers,
    min(first_month) as first_month,
    max(last_month) as last_month,
    max(planned_months) as months_covered
from {{ ref('int_opportunity__planned') }}
group by product_id, account_id, unit_id
