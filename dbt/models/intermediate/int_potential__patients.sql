-- Distinct patients of the planning year, for all its tables in one pass.
with planned as (
    select
        people.*,
        coalesce(unit.state, 'unlocated') as state
    from {{ ref('int_opportunity__people') }} as people
    inner join {{ ref('int_months__planned') }} as planned
        on people.service_month >= planned.first_month and people.service_month <= planned.last_month
    left join {{ ref('stg_geography__units') }} as unit on people.unit_id = unit.unit_id
    where planned.source_kind = 'lines'
)

{{ patients_by('planned', [
    ['product_id', 'npi', 'unit_id'],
    ['product_id', 'account_id', 'unit_id'],
    ['product_id', 'unit_id'],
    ['product_id', 'state'],
    ['product_id']
]) }}
