{#
  Everything that opportunity is summed from, in one shape: cells of services and diagnosed patients, with their place,
  their price and the access at their site, and annual volumes. The opportunity tables differ only in what they group this
  by. A place is that of the account in the month of service: a site that moves does not take along what was done before.
  Dollars are rounded here, once a cell, so that providers, accounts and places add up to the same cent.
#}
{{ config(materialized='view') }}

{% set measures = ['procedures', 'priced', 'involvements', 'sides', 'units', 'doses', 'billed_usd'] %}

with volumes as (
    select
        cell.product_id,
        cell.npi,
        cell.account_id,
        coalesce(place.unit_id, 'unlocated') as unit_id,
        cell.service_month,
        cell.payer_channel,
        1 as months_covered,
        {%- for measure in measures %}
        cell.{{ measure }},
        {%- endfor %}
        cast(0 as bigint) as beneficiaries,
        cell.people_key,
        '' as zip
    from {{ ref('int_opportunity__cells') }} as cell
    left join {{ ref('int_accounts__placed') }} as place
        on
            cell.account_id = place.npi
            and cell.service_month >= place.from_month
            and cell.service_month < place.to_month

    union all

    select
        product_id,
        npi,
        account_id,
        unit_id,
        service_month,
        'medicare' as payer_channel,
        12 as months_covered,
        procedures,
        procedures as priced,
        procedures as involvements,
        cast(null as bigint) as sides,
        cast(procedures as decimal(18, 3)) as units,
        cast(null as decimal(18, 4)) as doses,
        billed_usd,
        beneficiaries,
        cast(null as {{ key_type() }}) as people_key,
        zip
    from {{ ref('int_volumes__annual') }}
),

priced as (
    select
        volume.*,
        coalesce(access.access_status, settings.default_access_status) as access_status,
        coalesce(access.addressable_share, cast(0 as decimal(9, 6))) as addressable_share,
        {{ usd('volume.priced * product.price_usd') }} as price_of_all
    from volumes as volume
    inner join {{ ref('stg_config__products') }} as product on volume.product_id = product.product_id
    cross join {{ ref('stg_config__settings') }} as settings
    left join {{ ref('int_access__resolved') }} as access
        on volume.product_id = access.product_id and volume.account_id = access.site_npi
)

select
    product_id,
    npi,
    account_id,
    unit_id,
    service_month,
    payer_channel,
    months_covered,
    zip,
    people_key,
    beneficiaries,
    procedures,
    involvements,
    sides,
    units,
    doses,
    billed_usd,
    {{ split_by_access('price_of_all', 'access_status', 'addressable_share') }}
from priced
