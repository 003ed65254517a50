-- The planning year per product at three levels: units, states, nation. Patients are distinct at each level, so they do
-- not add up; everything else does.
{% set levels = {
    'unit': ('unit_id', 'state'),
    'state': ('state', "'nation'"),
    'nation': ("'nation'", "''"),
} %}

with planned as (
    select *
    from {{ ref('int_opportunity__planned') }}
)

{% for level, (identifier, parent) in levels.items() %}
select
    product_id,
    '{{ level }}' as geography_level,
    {{ identifier }} as geography_id,
    {{ 'min(' ~ parent ~ ')' }} as parent_id,
    {{ opportunity_measures() }},
    {{ count_performing('npi') }} as providers,
    {{ count_performing('account_id') }} as accounts,
    min(first_month) as first_month,
    max(last_month) as last_month,
    max(planned_months) as months_covered
from planned
group by product_id{{ ', ' ~ identifier if level != 'nation' }}

{{ 'union all' if not loop.last }}
{% endfor %}
