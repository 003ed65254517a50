{#
  Annual volumes of a product's codes, row by row. A code counts if it belonged to the product on any day of that year,
  with the most weight that it had then. A product whose rule asks for diagnoses, modifiers or places of service has no
  annual volume: the source does not tell.

  `services` is what was billed, in the units of the code. Where that is an amount (milligrams) or means nothing, it tells no
  procedures: then the beneficiaries count, who had one each at least. Two units of a two-sided code are two procedures.
#}
{{ config(materialized='view') }}

with amounts as (
    select
        known.hcpcs_code,
        rule.unit_kind = 'event' or (rule.unit_kind = 'dose' and not rule.is_two_sided) as is_amount
    from (select distinct hcpcs_code from {{ ref('stg_part_b__volumes') }}) as known
    inner join {{ ref('stg_config__code_rules') }} as rule
        on
            rule.code_system = 'hcpcs'
            and (
                known.hcpcs_code = rule.code
                or (rule.match_kind = 'prefix' and substr(known.hcpcs_code, 1, length(rule.code)) = rule.code)
            )
    qualify row_number() over (
        partition by known.hcpcs_code
        order by case when rule.match_kind = 'exact' then 0 else 1 end, length(rule.code) desc
    ) = 1
)

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
    cast(case when amounts.is_amount then volume.beneficiaries else volume.services end as decimal(18, 4))
        as procedures,
    volume.average_payment_usd,
    max(entry.code_weight) as code_weight
from {{ ref('stg_part_b__volumes') }} as volume
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        volume.hcpcs_code = entry.code
        and volume.service_year >= extract(year from entry.effective_from)
        and volume.service_year <= extract(year from entry.effective_to)
inner join {{ ref('stg_config__value_set_rules') }} as rule on entry.product_id = rule.product_id
left join amounts on volume.hcpcs_code = amounts.hcpcs_code
left join {{ ref('int_value_sets__performers') }} as performer
    on entry.product_id = performer.product_id and volume.rendering_npi = performer.npi
where
    entry.code_system = 'hcpcs'
    and rule.combine in ('procedures', 'procedures_or_diagnoses')
    and not rule.is_asked_of_lines
    and (rule.taxonomies_any is null or performer.npi is not null)
group by
    volume.source, entry.product_id, volume.service_year, volume.rendering_npi, volume.provider_zip,
    volume.hcpcs_code, volume.place_of_service, volume.beneficiaries, volume.services, volume.average_payment_usd,
    amounts.is_amount
