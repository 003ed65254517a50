{#
  Annual volumes of a product's codes, row by row. A code counts if it belonged to the product on any day of that year,
  with the most weight that it had then. A product whose rule asks for diagnoses, modifiers or places of service has no
  annual volume: the source does not tell.
#}
{{ config(materialized='view') }}

select
    volume.source,
    entry.product_id,
    volume.service_year,
    volume.rendering_npi,
    volume.provider_zip,
    volume.hcpcs_code,
    volume.place_of_service,
    volume.beneficiaries,
    volume.services,
    volume.average_payment_usd,
    max(entry.code_weight) as code_weight
from {{ ref('stg_part_b__volumes') }} as volume
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        volume.hcpcs_code = entry.code
        and volume.service_year >= extract(year from entry.effective_from)
        and volume.service_year <= extract(year from entry.effective_to)
inner join {{ ref('stg_config__value_set_rules') }} as rule on entry.product_id = rule.product_id
left join {{ ref('int_value_sets__performers') }} as performer
    on entry.product_id = performer.product_id and volume.rendering_npi = performer.npi
where
    entry.code_system = 'hcpcs'
    and rule.combine in ('procedures', 'procedures_or_diagnoses')
    and not rule.is_asked_of_lines
    and (rule.taxonomies_any is null or performer.npi is not null)
group by
    volume.source, entry.product_id, volume.service_year, volume.rendering_npi, volume.provider_zip,
    volume.hcpcs_code, volume.place_of_service, volume.beneficiaries, volume.services, volume.average_payment_usd
