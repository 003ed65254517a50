-- Services whose code a product lists on their day, before the product's rule is asked. A view: two models read it,
-- each few of its columns.
{{ config(materialized='view') }}

select
    service.service_id,
    entry.product_id,
    service.patient_key,
    service.service_date,
    service.code_system,
    service.procedure_code,
    service.performing_npi,
    service.site_npi,
    service.billing_account_npi,
    service.payer_channel,
    service.procedures,
    service.sides,
    service.units,
    service.doses,
    service.billed_usd,
    service.is_charge_based,
    service.first_known_source,
    service.first_known_claim_type,
    entry.code_weight
from {{ ref('int_services__deduplicated') }} as service
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        service.procedure_code = entry.code
        and service.code_system = entry.code_system
        and service.service_date >= entry.effective_from
        and service.service_date <= entry.effective_to
