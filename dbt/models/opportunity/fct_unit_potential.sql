with planned as (
    select
        cell.product_id,
        cell.unit_id,
        cell.state,
        cell.payer_channel,
        cell.source,
        cell.claim_type,
        {{ projection_sums('cell') }}
    from {{ ref('int_opportunity__projected') }} as cell
    inner join {{ ref('int_months__planned') }} as year
        on
            cell.service_month >= year.first_month
            and cell.service_month <= year.last_month
            and cell.months_covered = case when year.source_kind = 'annual' then 12 else 1 end
    group by cell.product_id, cell.unit_id, cell.state, cell.payer_channel, cell.source, cell.claim_type
),

projected as (
    {{ projection_by('planned', ['product_id', 'unit_id']) }}
)

select
    counted.product_id,
    counted.geography_id as unit_id,
    counted.procedures,
    counted.sides,
    counted.units,
    counted.doses,
    counted.patients,
    counted.diagnosed_patients,
    counted.billed_usd,
    counted.total_usd,
    counted.addressable_usd,
    counted.phantom_usd,
    counted.unknown_usd,
    counted.accounts,
    counted.providers,
    counted.first_month,
    counted.last_month,
    counted.months_covered,
    {{ projected_columns('projected') }}
from {{ ref('int_potential__by_geography') }} as counted
left join projected
    on counted.product_id = projected.product_id and counted.geography_id = projected.unit_id
where counted.geography_level = 'unit'
