{#
  What was captured, completed and projected at each account by month, with the areas that it lies in: those of the ZIP
  where it was in that month. Line sources; sites of nothing (accounts that only bill) have no row.
#}
with projected as (
    select
        product_id,
        account_id,
        service_month,
        sum(completed) as completed,
        sum(projected) as projected,
        max(1 / (completion_factor * capture_rate)) as greatest_factor,
        bit_or(people_bits) as people_bits
    from {{ ref('int_opportunity__projected') }}
    where months_covered = 1
    group by product_id, account_id, service_month
)

select
    captured.product_id,
    captured.account_id,
    captured.unit_id,
    captured.service_month,
    {%- for column in area_levels().values() %}
    coalesce(area.{{ column }}, 'unlocated') as {{ column }},
    {%- endfor %}
    captured.procedures,
    coalesce(projected.completed, 0) as completed,
    coalesce(projected.projected, 0) as projected,
    coalesce(projected.greatest_factor, 1) as greatest_factor,
    projected.people_bits,
    captured.patients,
    captured.total_usd,
    captured.addressable_usd,
    captured.phantom_usd,
    captured.unknown_usd
from {{ ref('int_opportunity__by_account') }} as captured
left join projected
    on
        captured.product_id = projected.product_id
        and captured.account_id = projected.account_id
        and captured.service_month = projected.service_month
left join {{ ref('int_accounts__placed') }} as place
    on
        captured.account_id = place.npi
        and captured.service_month >= place.from_month
        and captured.service_month < place.to_month
left join {{ ref('stg_geography__zips') }} as area on place.zip = area.zip
where captured.months_covered = 1 and (captured.procedures > 0 or captured.total_usd > 0)
