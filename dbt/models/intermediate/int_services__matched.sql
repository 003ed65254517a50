-- Services that belong to a product: the code is in its value set on the day of the service. A service of two products
-- is two rows.
select
    service.service_id,
    entry.product_id,
    service.patient_key,
    service.service_date,
    {{ month_of('service.service_date') }} as service_month,
    service.hcpcs_code,
    coalesce(service.performing_npi, 'unattributed') as npi,
    coalesce(service.site_npi, 'unattributed') as account_id,
    service.unit_id,
    service.payer_channel,
    service.service_units,
    service.billed_usd,
    service.is_charge_based
from {{ ref('int_services__deduplicated') }} as service
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        service.hcpcs_code = entry.code
        and service.service_date >= entry.effective_from
        and service.service_date <= entry.effective_to
where entry.code_system = 'hcpcs'
