-- What the planning year of a product is made of, by procedure code.
with volumes as (
    select
        matched.product_id,
        matched.code_system,
        matched.procedure_code as code,
        matched.procedures,
        matched.patient_key,
        cast(0 as bigint) as beneficiaries
    from {{ ref('int_services__matched') }} as matched
    inner join {{ ref('int_months__planned') }} as planned
        on matched.service_month >= planned.first_month and matched.service_month <= planned.last_month
    where planned.source_kind = 'lines'

    union all

    select
        matched.product_id,
        'hcpcs' as code_system,
        matched.hcpcs_code as code,
        cast(matched.procedures * matched.code_weight as decimal(18, 4)) as procedures,
        cast(null as {{ key_type() }}) as patient_key,
        cast(matched.beneficiaries as bigint) as beneficiaries
    from {{ ref('int_volumes__matched') }} as matched
    inner join {{ ref('int_months__planned') }} as planned
        on matched.service_year = extract(year from planned.last_month)
    where planned.source_kind = 'annual'
),

codes as (
    select
        product_id,
        code_system,
        code,
        cast(sum(procedures) as decimal(18, 4)) as procedures,
        count(distinct patient_key) + coalesce(sum(beneficiaries), 0) as patients
    from volumes
    group by product_id, code_system, code
),

priced as (
    select
        codes.*,
        {{ usd('codes.procedures * product.price_usd') }} as total_usd
    from codes
    inner join {{ ref('stg_config__products') }} as product on codes.product_id = product.product_id
)

select
    priced.product_id,
    priced.code_system,
    priced.code,
    priced.procedures,
    cast(priced.patients as bigint) as patients,
    priced.total_usd,
    cast(priced.procedures as double)
    / nullif(cast(sum(priced.procedures) over (partition by priced.product_id) as double), 0) as product_share,
    planned.first_month,
    planned.last_month
from priced
cross join {{ ref('int_months__planned') }} as planned
