{#
  Annual volumes of a product per provider and ZIP, as one year starting in January. Beneficiaries were counted per code
  by the source: their sum may count a person twice. Payments are rounded to the cent row by row, as they were paid, so that
  any sum of them is the file's.
#}
with places as (
    select
        matched.*,
        case when coalesce(provider.entity_type_code, '1') = '1' then matched.rendering_npi end as person_npi,
        coalesce(place.unit_id, provider.unit_id, 'unlocated') as unit_id
    from {{ ref('int_volumes__matched') }} as matched
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
    cast(sum(cast(procedures * code_weight as decimal(18, 4))) as decimal(18, 4)) as procedures,
    cast(sum(beneficiaries) as bigint) as beneficiaries,
    {{ usd('sum(' ~ usd('services * average_payment_usd') ~ ')') }} as billed_usd
from places
group by product_id, person_npi, rendering_npi, provider_zip, unit_id, service_year
