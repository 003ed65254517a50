{#
  Annual volumes of a product's codes, row by row. A code counts if it belonged to the product on any day of that year.
#}
{{ config(materialized='view') }}

select distinct
    volume.source,
    entry.product_id,
    volume.service_year,
    volume.rendering_npi,
    volume.provider_zip,
    volume.hcpcs_code,
    volume.place_of_service,
    volume.beneficiaries,
    volume.services,
    volume.average_payment_usd
from {{ ref('stg_part_b__volumes') }} as volume
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        volume.hcpcs_code = entry.code
        and volume.service_year >= extract(year from entry.effective_from)
        and volume.service_year <= extract(year from entry.effective_to)
where entry.code_system = 'hcpcs'
