-- The planning year per product, site of service and unit.
with counted as (
    {{ opportunity_by(
        ref('int_opportunity__planned'), ['product_id', 'account_id', 'unit_id'], performing={'providers': 'npi'},
        least={'first_month': 'first_month', 'last_month': 'last_month', 'months_covered': 'planned_months'}
    ) }}
)

select
    product_id,
    account_id,
    unit_id,
    procedures,
    patients,
    billed_usd,
    diagnosed_patients,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    providers,
    first_month,
    last_month,
    months_covered
from counted
