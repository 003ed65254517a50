-- The planning year per product and strength of link. Patients are distinct at each strength and may have several.
select
    service.product_id,
    service.link_strength,
    cast(sum(service.procedures) as decimal(18, 4)) as procedures,
    cast(count(distinct service.patient_key) as bigint) as patients,
    min(planned.first_month) as first_month,
    min(planned.last_month) as last_month
from {{ ref('int_services__matched') }} as service
inner join {{ ref('int_months__planned') }} as planned
    on service.service_month >= planned.first_month and service.service_month <= planned.last_month
where planned.source_kind = 'lines' and service.procedures > 0
group by service.product_id, service.link_strength
