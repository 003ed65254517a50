-- Services by the organisation that billed their professional part: the second account that is credited with them.
{{ config(materialized='view') }}

select
    service.product_id,
    service.billing_account_id as account_id,
    coalesce(place.unit_id, 'unlocated') as unit_id,
    service.service_month,
    service.patient_key,
    cast(service.procedures as decimal(18, 4)) as procedures
from {{ ref('int_services__matched') }} as service
left join {{ ref('int_accounts__placed') }} as place
    on
        service.billing_account_id = place.npi
        and service.service_month >= place.from_month
        and service.service_month < place.to_month
where service.billing_account_id is not null and service.procedures > 0
