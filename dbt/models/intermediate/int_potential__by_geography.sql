-- The planning year per product at three levels: units, states, nation. Patients are distinct at each level, so they do
-- not add up; everything else does.
{% set levels = {'unit': ('unit_id', 'state'), 'state': ('state', 'nation'), 'nation': ('nation', 'nowhere')} %}

with planned as (
    select
        *,
        'nation' as nation,
        '' as nowhere
    from {{ ref('int_opportunity__planned') }}
)

{% for level, (identifier, parent) in levels.items() %}
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
        'planned', ['product_id', identifier], performing={'providers': 'npi', 'accounts': 'account_id'},
        least={
            'parent_id': parent, 'first_month': 'first_month', 'last_month': 'last_month',
            'months_covered': 'planned_months'
        }
    ) }}
) as counted

{{ 'union all' if not loop.last }}
{% endfor %}
