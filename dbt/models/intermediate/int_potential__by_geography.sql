-- The planning year per product at three levels: units, states, nation. Patients are distinct at each level, so they do
-- not add up; everything else does.
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
)

{% for level, (identifier, parent, counted_by) in levels.items() %}
select
    product_id,
    '{{ level }}' as geography_level,
    {{ identifier }} as geography_id,
    parent_id,
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
    accounts,
    first_month,
    last_month,
    months_covered
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

{{ 'union all' if not loop.last }}
{% endfor %}
