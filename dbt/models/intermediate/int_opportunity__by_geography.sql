{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook='{{ forget_changed_groups("unit_group_key") }}',
    post_hook='{{ hold(change=held_change("int_opportunity__patients")) }}'
) }}
-- depends_on: {{ ref('int_opportunity__changed') }}

with cells as (
    select *
    from {{ ref('int_opportunity__measured') }}
    where {{ is_in_changed_group('unit_group_key') }}
),

counted as (
    {{ opportunity_by(
        'cells', ref('int_opportunity__patients'),
        ['product_id', 'unit_id', 'service_month', 'months_covered'],
        counted_by=['product_id', 'unit_id', 'service_month'], performing={'providers': 'npi'}
    ) }}
)

select
    product_id,
    unit_id,
    service_month,
    cast(months_covered as bigint) as months_covered,
    procedures,
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
    providers,
    months_covered = 1 as is_patients_additive
from counted
