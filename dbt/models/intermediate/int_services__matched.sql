-- Services that belong to a product: the code is in its value set on the day of the service. A service of two products
-- is two rows.
select
    service.service_id,
    entry.product_id,
    'none' as link_strength,
    cast(1 as decimal(9, 6)) as code_weight,
    service.patient_key,
    service.service_date,
    {{ month_of('service.service_date') }} as service_month,
    service.code_system,
    service.procedure_code,
    coalesce(service.performing_npi, 'unattributed') as npi,
    coalesce(service.site_npi, 'unattributed') as account_id,
    service.billing_account_npi as billing_account_id,
    service.payer_channel,
    cast(service.procedures as decimal(18, 4)) as procedures,
    service.sides,
    service.units,
    service.doses,
    service.billed_usd,
    service.is_charge_based
from {{ ref('int_services__deduplicated') }} as service
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        service.code_system = entry.code_system
        and service.procedure_code = entry.code
        and service.service_date >= entry.effective_from
        and service.service_date <= entry.effective_to
