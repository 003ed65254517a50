{#
  What a day's releases changed in a product's value set, and how much of the planning year rests on it. Lists of codes
  name twenty at most.
#}
{% set most_named = 20 %}

with numbered as (
    select
        changed.*,
        row_number() over (
            partition by product_id, effective_from, change, is_in_set order by code_system, code
        ) as place
    from {{ ref('int_codes__changed') }} as changed
)

select
    product_id,
    effective_from,
    {{ joined_text('release') }} as releases,
    cast(count(case when is_in_set and change = 'added' then 1 end) as bigint) as codes_added,
    cast(count(case when change = 'deleted' then 1 end) as bigint) as codes_deleted,
    cast(count(case when change = 'revised' then 1 end) as bigint) as codes_revised,
    cast(count(case when change = 'deleted' and successors is null then 1 end) as bigint) as codes_without_successor,
    cast(count(case when not is_in_set then 1 end) as bigint) as codes_unmapped,
    {{ joined_text("case when change = 'deleted' and place <= " ~ most_named ~ " then code end") }} as deleted_codes,
    {{ joined_text("case when place <= " ~ most_named ~ " then code || ' → ' || successors end", '; ') }} as successors,
    {{ joined_text("case when not is_in_set and place <= " ~ most_named ~ " then code end") }} as unmapped_codes,
    {{ usd("coalesce(sum(case when change in ('deleted', 'revised') then opportunity_usd end), 0)") }}
        as opportunity_usd,
    cast(
        coalesce(sum(cast(case when change in ('deleted', 'revised') then product_share end as decimal(18, 12))), 0)
        as double
    ) as product_share,
    cast(coalesce(max(case when change in ('deleted', 'revised') then patients end), 0) as bigint) as patients
from numbered
group by product_id, effective_from
