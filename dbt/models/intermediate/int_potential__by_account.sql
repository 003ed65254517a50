-- The planning year per product, account and unit. An account is the site of service, or the organisation that billed
-- the professional part, or both.
with sites as (
    {{ opportunity_by(
        ref('int_opportunity__planned'), ref('int_potential__patients'), ['product_id', 'account_id', 'unit_id'],
        counted_by=['product_id', 'account_id', 'unit_id'], performing={'providers': 'npi'},
        least={'first_month': 'first_month', 'last_month': 'last_month', 'months_covered': 'planned_months'}
    ) }}
),

billed as (
    select
        service.product_id,
        service.account_id,
        service.unit_id,
        cast(sum(service.procedures) as decimal(18, 4)) as procedures_billed,
        count(distinct service.patient_key) as patients_billed
    from {{ ref('int_opportunity__billed') }} as service
    inner join {{ ref('int_months__planned') }} as planned
        on
            service.service_month >= planned.first_month
            and service.service_month <= planned.last_month
            and planned.source_kind = 'lines'
    group by service.product_id, service.account_id, service.unit_id
)

select
    coalesce(sites.product_id, billed.product_id) as product_id,
    coalesce(sites.account_id, billed.account_id) as account_id,
    coalesce(sites.unit_id, billed.unit_id) as unit_id,
    {{ zero_without_site('sites') }},
    coalesce(sites.providers, 0) as providers,
    case when planned.source_kind = 'lines' then coalesce(billed.procedures_billed, 0) end as procedures_billed,
    case when planned.source_kind = 'lines' then coalesce(billed.patients_billed, 0) end as patients_billed,
    planned.first_month,
    planned.last_month,
    planned.months_covered
from sites
full outer join billed
    on
        sites.product_id = billed.product_id
        and sites.account_id = billed.account_id
        and sites.unit_id = billed.unit_id
cross join {{ ref('int_months__planned') }} as planned
