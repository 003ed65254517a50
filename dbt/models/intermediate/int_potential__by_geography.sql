-- The planning year per product at three levels: units, states, nation. Patients are distinct at each level, so they do
-- not add up; everything else that was captured does, and projected_procedures. What is projected is summed to units
-- and triangles first, the finest that the errors of a projection are added by: the three levels read these few rows.
{% set levels = {
    'unit': ('unit_id', 'state', ['product_id', 'unit_id']),
    'state': ('state', 'nation', ['product_id', 'state']),
    'nation': ('nation', 'nowhere', ['product_id'])
} %}

with planned as (
    select
        *,
        'nation' as nation,
        '' as nowhere
    from {{ ref('int_opportunity__planned') }}
),

triangles as (
    select
        cell.product_id,
        cell.unit_id,
        cell.state,
        'nation' as nation,
        cell.source,
        cell.claim_type,
        cell.payer_channel,
        {{ projection_sums('cell') }},
        max(1 / (cell.completion_factor * cell.capture_rate)) as greatest_factor
    from {{ ref('int_opportunity__projected') }} as cell
    inner join {{ ref('int_months__planned') }} as year
        on
            cell.service_month >= year.first_month
            and cell.service_month <= year.last_month
            and cell.months_covered = case when year.source_kind = 'annual' then 12 else 1 end
    group by cell.product_id, cell.unit_id, cell.state, cell.source, cell.claim_type, cell.payer_channel
),

greatest_factors as (
    select
        product_id,
        max(greatest_factor) as greatest_factor
    from triangles
    group by product_id
),

{% for level, (identifier, parent, counted_by) in levels.items() %}
projected_{{ level }}s as (
    {{ projection_by('triangles', ['product_id', identifier]) }}
){{ ',' if not loop.last }}

{% endfor %}
{% for level, (identifier, parent, counted_by) in levels.items() %}
select
    counted.product_id,
    '{{ level }}' as geography_level,
    counted.{{ identifier }} as geography_id,
    counted.parent_id,
    counted.procedures,
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
    counted.providers,
    counted.accounts,
    counted.first_month,
    counted.last_month,
    counted.months_covered,
    {{ projected_columns('projected') }},
    coalesce(most.greatest_factor, 1) as greatest_factor
from (
    {{ opportunity_by(
        'planned', ref('int_potential__patients'), ['product_id', identifier], counted_by=counted_by,
        performing={'providers': 'npi', 'accounts': 'account_id'},
        least={
            'parent_id': parent, 'first_month': 'first_month', 'last_month': 'last_month',
            'months_covered': 'planned_months'
        }
    ) }}
) as counted
left join projected_{{ level }}s as projected
    on counted.product_id = projected.product_id and counted.{{ identifier }} = projected.{{ identifier }}
left join greatest_factors as most on counted.product_id = most.product_id

{{ 'union all' if not loop.last }}
{% endfor %}
