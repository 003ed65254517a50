-- The planning year per product, performer and unit.
with counted as (
    {{ opportunity_by(
        ref('int_opportunity__planned'), ref('int_potential__patients'), ['product_id', 'npi', 'unit_id'],
        counted_by=['product_id', 'npi', 'unit_id'],
        least={'first_month': 'first_month', 'last_month': 'last_month', 'months_covered': 'planned_months'}
    ) }}
)

select
    product_id,
    npi,
    unit_id,
    procedures,
    involvements,
    sides,
    units,
    doses,
    patients,
    billed_usd,
    diagnosed_patients,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    first_month,
    last_month,
    months_covered
from counted
