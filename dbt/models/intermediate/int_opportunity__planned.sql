-- The rows of the planning year, with the state of their unit.
{{ config(materialized='view') }}

select
    measured.product_id,
    measured.npi,
    measured.account_id,
    measured.unit_id,
    coalesce(unit.state, 'unlocated') as state,
    measured.beneficiaries,
    measured.procedures,
    measured.involvements,
    measured.sides,
    measured.units,
    measured.doses,
    measured.billed_usd,
    measured.total_usd,
    measured.addressable_usd,
    measured.phantom_usd,
    measured.unknown_usd,
    measured.months_covered,
    planned.first_month,
    planned.last_month,
    planned.months_covered as planned_months
from {{ ref('int_opportunity__measured') }} as measured
inner join {{ ref('int_months__planned') }} as planned
    on
        measured.service_month >= planned.first_month
        and measured.service_month <= planned.last_month
        and measured.months_covered = case when planned.source_kind = 'annual' then 12 else 1 end
left join {{ ref('stg_geography__units') }} as unit on measured.unit_id = unit.unit_id
