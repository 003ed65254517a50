-- An account is the site of service, or the organisation that billed the professional part, or both. Its unit is where
-- the directory has it; a source that gives the place with the volume may name several, of which the first in order is
-- shown.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook='{{ forget_changed_groups("account_group_key") }}',
    post_hook='{{ hold(change=held_change("int_opportunity__patients")) }}'
) }}
-- depends_on: {{ ref('int_opportunity__changed') }}

with cells as (
    select *
    from {{ ref('int_opportunity__measured') }}
    where {{ is_in_changed_group('account_group_key') }}
),

sites as (
    {{ opportunity_by(
        'cells', ref('int_opportunity__patients'),
        ['product_id', 'account_id', 'service_month', 'months_covered'],
        counted_by=['product_id', 'account_id', 'service_month'], least={'unit_id': 'unit_id'}
    ) }}
),

billed as (
    select
        product_id,
        account_id,
        service_month,
        1 as months_covered,
        min(unit_id) as unit_id,
        cast(sum(procedures) as decimal(18, 4)) as procedures_billed
    from {{ ref('int_opportunity__billed') }}
    where {{ is_in_changed_group('account_group_key') }}
    group by product_id, account_id, service_month
),

accounts as (
    select
        coalesce(sites.product_id, billed.product_id) as product_id,
        coalesce(sites.account_id, billed.account_id) as account_id,
        coalesce(sites.unit_id, billed.unit_id) as unit_id,
        coalesce(sites.service_month, billed.service_month) as service_month,
        cast(coalesce(sites.months_covered, billed.months_covered) as bigint) as months_covered,
        {{ zero_without_site('sites') }},
        billed.procedures_billed
    from sites
    full outer join billed
        on
            sites.product_id = billed.product_id
            and sites.account_id = billed.account_id
            and sites.service_month = billed.service_month
            and sites.months_covered = billed.months_covered
)

select
    product_id,
    account_id,
    unit_id,
    service_month,
    months_covered,
    procedures,
    case when months_covered = 1 then coalesce(procedures_billed, 0) end as procedures_billed,
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
from accounts
