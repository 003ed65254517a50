{#
  Everything that opportunity is counted from, in one shape: services with their price and the access at their site,
  diagnosed patients (with a price where the product's rule counts them), and annual volumes. The opportunity tables differ only in what they group this by. A view, because
  each of them needs few of its columns.
#}
{{ config(materialized='view') }}

with settings as (
    select default_access_status
    from {{ ref('stg_config__settings') }}
),

volumes as (
    select
        service.product_id,
        service.npi,
        service.account_id,
        coalesce(place.unit_id, 'unlocated') as unit_id,
        service.service_month,
        1 as months_covered,
        service.patient_key,
        cast(null as bigint) as beneficiaries,
        service.procedures,
        service.procedures as priced,
        service.billed_usd
    from {{ ref('int_services__matched') }} as service
    left join {{ ref('int_providers__located') }} as place on service.account_id = place.npi

    union all

    select
        diagnosed.product_id,
        diagnosed.npi,
        diagnosed.account_id,
        coalesce(place.unit_id, 'unlocated') as unit_id,
        diagnosed.service_month,
        1 as months_covered,
        cast(null as {{ key_type() }}) as patient_key,
        cast(null as bigint) as beneficiaries,
        cast(0 as decimal(18, 4)) as procedures,
        cast(1 as decimal(18, 4)) as priced,
        {{ usd('0') }} as billed_usd
    from {{ ref('int_volumes__diagnosed') }} as diagnosed
    left join {{ ref('int_providers__located') }} as place on diagnosed.account_id = place.npi

    union all

    select
        product_id,
        npi,
        account_id,
        unit_id,
        service_month,
        12 as months_covered,
        cast(null as {{ key_type() }}) as patient_key,
        beneficiaries,
        procedures,
        procedures as priced,
        billed_usd
    from {{ ref('int_volumes__annual') }}
),

priced as (
    select
        volume.product_id,
        volume.npi,
        volume.account_id,
        volume.unit_id,
        volume.service_month,
        volume.months_covered,
        volume.patient_key,
        volume.beneficiaries,
        volume.procedures,
        volume.billed_usd,
        coalesce(access.access_status, settings.default_access_status) as access_status,
        coalesce(access.addressable_share, cast(0 as decimal(9, 6))) as addressable_share,
        {{ usd('volume.priced * product.price_usd') }} as total_usd
    from volumes as volume
    inner join {{ ref('stg_config__products') }} as product on volume.product_id = product.product_id
    cross join settings
    left join {{ ref('int_access__resolved') }} as access
        on volume.product_id = access.product_id and volume.account_id = access.site_npi
)

select
    product_id,
    npi,
    account_id,
    unit_id,
    service_month,
    months_covered,
    patient_key,
    cast(null as {{ key_type() }}) as diagnosed_patient_key,
    beneficiaries,
    procedures,
    billed_usd,
    {{ split_by_access('total_usd', 'access_status', 'addressable_share') }}
from priced

union all

select
    diagnosed.product_id,
    diagnosed.npi,
    diagnosed.account_id,
    coalesce(place.unit_id, 'unlocated') as unit_id,
    diagnosed.service_month,
    1 as months_covered,
    cast(null as {{ key_type() }}) as patient_key,
    diagnosed.patient_key as diagnosed_patient_key,
    cast(null as bigint) as beneficiaries,
    cast(0 as decimal(18, 4)) as procedures,
    {{ usd('0') }} as billed_usd,
    {{ usd('0') }} as total_usd,
    {{ usd('0') }} as addressable_usd,
    {{ usd('0') }} as phantom_usd,
    {{ usd('0') }} as unknown_usd
from {{ ref('int_patients__diagnosed') }} as diagnosed
left join {{ ref('int_providers__located') }} as place on diagnosed.account_id = place.npi
