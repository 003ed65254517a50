{#
  Everything that opportunity is counted from, in one shape: services that were performed, with their price and the access
  at their site, diagnosed patients (with a price where the product's rule counts them), and annual volumes. The opportunity tables differ only in what they group this by. A
  view, because each of them needs few of its columns.

  A service is one row for its performer, and one more, with nothing but a part of the credit, for each other surgeon. What
  is no procedure (post-operative care, a discarded drug, an add-on code) is not here, nor is its money. A place is that of
  the account in the month of service: a site that moves does not take along what was done before.
#}
{{ config(materialized='view') }}

with settings as (
    select default_access_status
    from {{ ref('stg_config__settings') }}
),

-- What the people beside the performer have of a service's procedures (int_services__involved).
shared as (
    select
        service.service_id,
        service.product_id,
        person.npi,
        cast(service.procedures * person.involvement as decimal(18, 4)) as involvements
    from {{ ref('int_services__matched') }} as service
    inner join {{ ref('int_services__involved') }} as person on service.service_id = person.service_id
    where person.involvement > 0 and service.procedures > 0
),

given_away as (
    select
        service_id,
        product_id,
        sum(involvements) as involvements
    from shared
    group by service_id, product_id
),

performed as (
    select
        service.product_id,
        service.npi,
        service.account_id,
        service.service_month,
        service.patient_key,
        service.procedures,
        service.procedures - coalesce(given_away.involvements, 0) as involvements,
        service.sides,
        service.units,
        service.doses,
        service.billed_usd
    from {{ ref('int_services__matched') }} as service
    left join given_away
        on service.service_id = given_away.service_id and service.product_id = given_away.product_id
    where service.procedures > 0

    union all

    select
        service.product_id,
        shared.npi,
        service.account_id,
        service.service_month,
        service.patient_key,
        0 as procedures,
        shared.involvements,
        0 as sides,
        0 as units,
        null as doses,
        0 as billed_usd
    from shared
    inner join {{ ref('int_services__matched') }} as service
        on shared.service_id = service.service_id and shared.product_id = service.product_id
),

volumes as (
    select
        performed.product_id,
        performed.npi,
        performed.account_id,
        coalesce(place.unit_id, 'unlocated') as unit_id,
        performed.service_month,
        1 as months_covered,
        performed.patient_key,
        cast(null as bigint) as beneficiaries,
        cast(performed.procedures as decimal(18, 4)) as procedures,
        cast(performed.procedures as decimal(18, 4)) as priced,
        cast(performed.involvements as decimal(18, 4)) as involvements,
        cast(performed.sides as bigint) as sides,
        cast(performed.units as decimal(18, 3)) as units,
        cast(performed.doses as decimal(18, 4)) as doses,
        performed.billed_usd
    from performed
    left join {{ ref('int_accounts__placed') }} as place
        on
            performed.account_id = place.npi
            and performed.service_month >= place.from_month
            and performed.service_month < place.to_month

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
        cast(0 as decimal(18, 4)) as involvements,
        cast(0 as bigint) as sides,
        cast(0 as decimal(18, 3)) as units,
        cast(null as decimal(18, 4)) as doses,
        {{ usd('0') }} as billed_usd
    from {{ ref('int_volumes__diagnosed') }} as diagnosed
    left join {{ ref('int_accounts__placed') }} as place
        on
            diagnosed.account_id = place.npi
            and diagnosed.service_month >= place.from_month
            and diagnosed.service_month < place.to_month

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
        procedures as involvements,
        cast(null as bigint) as sides,
        cast(procedures as decimal(18, 3)) as units,
        cast(null as decimal(18, 4)) as doses,
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
        volume.involvements,
        volume.sides,
        volume.units,
        volume.doses,
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
    involvements,
    sides,
    units,
    doses,
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
    cast(0 as decimal(18, 4)) as involvements,
    cast(0 as bigint) as sides,
    cast(0 as decimal(18, 3)) as units,
    cast(null as decimal(18, 4)) as doses,
    {{ usd('0') }} as billed_usd,
    {{ usd('0') }} as total_usd,
    {{ usd('0') }} as addressable_usd,
    {{ usd('0') }} as phantom_usd,
    {{ usd('0') }} as unknown_usd
from {{ ref('int_patients__diagnosed') }} as diagnosed
left join {{ ref('int_accounts__placed') }} as place
    on
        diagnosed.account_id = place.npi
        and diagnosed.service_month >= place.from_month
        and diagnosed.service_month < place.to_month
