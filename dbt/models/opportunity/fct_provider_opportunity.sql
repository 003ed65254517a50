-- Captured and projected side by side. A view: what was captured (int_opportunity__by_provider) follows the change,
-- while the factors of a projection move with every delivery.
{{ config(materialized='view') }}

with projected as (
    {{ projection_by(
        ref('int_opportunity__projected'), ['product_id', 'npi', 'unit_id', 'service_month', 'months_covered']
    ) }}
)

select
    captured.product_id,
    captured.npi,
    captured.unit_id,
    captured.service_month,
    captured.months_covered,
    captured.procedures,
    captured.involvements,
    captured.sides,
    captured.units,
    captured.doses,
    captured.patients,
    captured.billed_usd,
    captured.diagnosed_patients,
    captured.total_usd,
    captured.addressable_usd,
    captured.phantom_usd,
    captured.unknown_usd,
    captured.is_patients_additive,
    {{ projected_columns('projected') }}
from {{ ref('int_opportunity__by_provider') }} as captured
left join projected
    on
        captured.product_id = projected.product_id
        and captured.npi = projected.npi
        and captured.unit_id = projected.unit_id
        and captured.service_month = projected.service_month
        and captured.months_covered = projected.months_covered
