{#
  Annual volumes of a product per provider and ZIP, as one year starting in January. A code counts if it belonged to the
  product on any day of that year, with the most weight that it had then. Beneficiaries were counted per code by the
  source: their sum may count a person twice. A product whose rule asks for diagnoses, modifiers or places of service
  has no annual volume: the source does not tell.
#}
with matched as (
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
),

places as (
    select
        matched.*,
        case when coalesce(provider.entity_type_code, '1') = '1' then matched.rendering_npi end as person_npi,
        coalesce(place.unit_id, provider.unit_id, 'unlocated') as unit_id
    from matched
    left join {{ ref('int_providers__located') }} as provider on matched.rendering_npi = provider.npi
    left join {{ ref('stg_geography__zips') }} as place on matched.provider_zip = place.zip
)

select
    product_id,
    coalesce(person_npi, 'unattributed') as npi,
    coalesce(rendering_npi, 'unattributed') as account_id,
    coalesce(provider_zip, '') as zip,
    unit_id,
    cast(cast(service_year as {{ dbt.type_string() }}) || '-01-01' as date) as service_month,
    cast(sum(cast(services * code_weight as decimal(18, 4))) as decimal(18, 4)) as procedures,
    cast(sum(beneficiaries) as bigint) as beneficiaries,
    {{ usd('sum(cast(services * average_payment_usd as decimal(18, 4)))') }} as billed_usd
from places
group by product_id, person_npi, rendering_npi, provider_zip, unit_id, service_year
