-- The planning year added up once for all its tables, by product, performer and site, with the state of the unit.
{% set sums = {
    'beneficiaries': 'bigint', 'procedures': 'decimal(18, 4)', 'involvements': 'decimal(18, 4)', 'sides': 'bigint',
    'units': 'decimal(18, 3)', 'doses': 'decimal(18, 4)', 'billed_usd': 'decimal(18, 2)', 'total_usd': 'decimal(18, 2)',
    'addressable_usd': 'decimal(18, 2)', 'phantom_usd': 'decimal(18, 2)', 'unknown_usd': 'decimal(18, 2)'
} %}

select
    measured.product_id,
    measured.npi,
    measured.account_id,
    measured.unit_id,
    coalesce(unit.state, 'unlocated') as state,
    {%- for column, type in sums.items() %}
    cast(sum(measured.{{ column }}) as {{ type }}) as {{ column }},
    {%- endfor %}
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
group by
    measured.product_id, measured.npi, measured.account_id, measured.unit_id, coalesce(unit.state, 'unlocated'),
    measured.months_covered, planned.first_month, planned.last_month, planned.months_covered
