with counted as (
    {{ opportunity_by(
        ref('int_opportunity__measured'), ref('int_opportunity__patients'),
        ['product_id', 'npi', 'unit_id', 'service_month', 'months_covered'],
        counted_by=['product_id', 'npi', 'unit_id', 'service_month']
    ) }}
),

projected as (
    {{ projection_by(
        ref('int_opportunity__projected'), ['product_id', 'npi', 'unit_id', 'service_month', 'months_covered']
    ) }}
)

select
    counted.product_id,
    counted.npi,
    counted.unit_id,
    counted.service_month,
    cast(counted.months_covered as bigint) as months_covered,
    counted.procedures,
    counted.involvements,
    counted.sides,
    counted.units,
    counted.doses,
    counted.patients,
    counted.billed_usd,
    counted.diagnosed_patients,
    counted.total_usd,
    counted.addressable_usd,
    counted.phantom_usd,
    counted.unknown_usd,
    counted.months_covered = 1 as is_patients_additive,
    {{ projected_columns('projected') }}
from counted
left join projected
    on
        counted.product_id = projected.product_id
        and counted.npi = projected.npi
        and counted.unit_id = projected.unit_id
        and counted.service_month = projected.service_month
        and counted.months_covered = projected.months_covered
