{#
  Product codes as they occur in the data: prefixes written out as the codes that begin so, validity limited to the
  product's own, and overlapping periods of one code merged, so that a service meets a product at most once.
#}
with delivered as (
    select distinct
        'hcpcs' as code_system,
        hcpcs_code as code
    from {{ ref('stg_claims__lines') }}
    where hcpcs_code is not null

    union

    select distinct
        'hcpcs' as code_system,
        hcpcs_code as code
    from {{ ref('stg_part_b__volumes') }}
    where hcpcs_code is not null

    union

    select distinct
        'icd10cm' as code_system,
        code
    from (
        select {{ explode('diagnosis_codes') }} as code
        from {{ ref('stg_claims__lines') }}
    ) as diagnoses
    where code is not null
),

periods as (
    select
        entry.product_id,
        delivered.code_system,
        delivered.code,
        greatest(
            coalesce(entry.effective_from, cast('1900-01-01' as date)),
            coalesce(product.effective_from, cast('1900-01-01' as date))
        ) as effective_from,
        least(
            coalesce(entry.effective_to, cast('9999-12-31' as date)),
            coalesce(product.effective_to, cast('9999-12-31' as date))
        ) as effective_to
    from {{ ref('stg_config__value_set_codes') }} as entry
    inner join {{ ref('stg_config__products') }} as product on entry.product_id = product.product_id
    inner join delivered
        on
            entry.code_system = delivered.code_system
            and (
                entry.code = delivered.code
                or (entry.match_kind = 'prefix' and entry.code = substr(delivered.code, 1, length(entry.code)))
            )
),

reached as (
    select
        *,
        max(effective_to) over (
            partition by product_id, code_system, code order by effective_from, effective_to
            rows between unbounded preceding and 1 preceding
        ) as reached_before
    from periods
    where effective_from <= effective_to
),

numbered as (
    select
        *,
        sum(case when effective_from <= reached_before then 0 else 1 end) over (
            partition by product_id, code_system, code order by effective_from, effective_to
            rows between unbounded preceding and current row
        ) as period_number
    from reached
)

select
    product_id,
    code_system,
    code,
    min(effective_from) as effective_from,
    max(effective_to) as effective_to
from numbered
group by product_id, code_system, code, period_number
