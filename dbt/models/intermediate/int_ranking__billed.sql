{#
  What billing intensity is made of, over the planning year: units and dollars per person and procedure code, by payer
  channel so that each can be projected by its own capture. Squares give the variance of a sum of so many services.
  A patient-month of a product of diagnoses is one unit at the product's price. Annual volumes tell no single service:
  theirs count as equally dear.
#}
with billed as (
    select
        product_id,
        npi,
        procedure_code,
        payer_channel,
        service_month,
        'lines' as source_kind,
        cast(1 as decimal(18, 4)) as services,
        cast(units as decimal(18, 4)) as units,
        billed_usd,
        cast(units as double) * cast(units as double) as units_squared,
        cast(billed_usd as double) * cast(billed_usd as double) as billed_squared,
        case when is_charge_based then billed_usd else {{ usd('0') }} end as charge_usd
    from {{ ref('int_services__matched') }}
    where procedures > 0

    union all

    select
        diagnosed.product_id,
        diagnosed.npi,
        'none' as procedure_code,
        'unknown' as payer_channel,
        diagnosed.service_month,
        'lines' as source_kind,
        cast(1 as decimal(18, 4)) as services,
        cast(1 as decimal(18, 4)) as units,
        product.price_usd as billed_usd,
        1 as units_squared,
        cast(product.price_usd as double) * cast(product.price_usd as double) as billed_squared,
        {{ usd('0') }} as charge_usd
    from {{ ref('int_volumes__diagnosed') }} as diagnosed
    inner join {{ ref('stg_config__products') }} as product on diagnosed.product_id = product.product_id

    union all

    select
        product_id,
        npi,
        'none' as procedure_code,
        'medicare' as payer_channel,
        service_month,
        'annual' as source_kind,
        procedures as services,
        procedures as units,
        billed_usd,
        cast(procedures as double) as units_squared,
        cast(billed_usd as double) * cast(billed_usd as double) / nullif(cast(procedures as double), 0)
            as billed_squared,
        {{ usd('0') }} as charge_usd
    from {{ ref('int_volumes__annual') }}
)

select
    billed.product_id,
    billed.npi,
    billed.procedure_code,
    billed.payer_channel,
    sum(billed.services) as services,
    sum(billed.units) as units,
    sum(billed.billed_usd) as billed_usd,
    cast(sum(cast(billed.units_squared as decimal(38, 4))) as double) as units_squared,
    cast(sum(cast(billed.billed_squared as decimal(38, 4))) as double) as billed_squared,
    sum(billed.charge_usd) as charge_usd,
    max(planned.months_covered) as months_covered
from billed
inner join {{ ref('int_months__planned') }} as planned
    on
        billed.source_kind = planned.source_kind
        and billed.service_month >= planned.first_month
        and billed.service_month <= planned.last_month
where billed.npi <> 'unattributed'
group by billed.product_id, billed.npi, billed.procedure_code, billed.payer_channel
