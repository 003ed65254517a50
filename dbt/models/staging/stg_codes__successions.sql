-- What a code hands on to its successors, and when; a later release of the same pair takes the place of the earlier.
select
    lower(code_system) as code_system,
    upper(from_code) as from_code,
    upper(to_code) as to_code,
    cast(weight as decimal(9, 6)) as weight,
    cast(effective_from as date) as effective_from,
    coalesce(
        {{ add_days('lead(cast(effective_from as date)) over (
            partition by lower(code_system), upper(from_code), upper(to_code) order by effective_from
        )', -1) }},
        cast('9999-12-31' as date)
    ) as effective_to
from {{ lake(source('code_sets', 'code_crosswalk')) }}
where upper(from_code) <> upper(to_code)
