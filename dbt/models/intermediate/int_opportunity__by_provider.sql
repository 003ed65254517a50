with counted as (
    {{ opportunity_by(
        ref('int_opportunity__measured'), ref('int_opportunity__patients'),
        ['product_id', 'npi', 'unit_id', 'service_month', 'months_covered'],
        counted_by=['product_id', 'npi', 'unit_id', 'service_month']
    ) }}
)

select
    product_id,
    npi,
    unit_id,
    service_month,
    cast(months_covered as bigint) as months_covered,
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
    months_covered = 1 as is_patients_additive
from counted
