{#
  Value sets written out: every code that an entry means, of the codes in the data and of those that code sets renamed,
  on the days of the entry and of its product. Overlapping periods are one.
#}
with known as (
    select
        code_system,
        code
    from {{ ref('int_codes__seen') }}

    union

    select
        code_system,
        from_code as code
    from {{ ref('stg_codes__successions') }}

    union

    select
        code_system,
        to_code as code
    from {{ ref('stg_codes__successions') }}
),

periods as (
    select
        entry.product_id,
        entry.code_system,
        known.code,
        entry.role,
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
    inner join known on entry.code_system = known.code_system and {{ is_entry_of('known.code', 'entry') }}
)

{{ merged_periods('periods', ['product_id', 'code_system', 'code', 'role']) }}
