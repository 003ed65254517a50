{#
  Captured and projected volume of line sources by month and area, at four levels that each hold all of it. An account's
  area is that of the ZIP where it was in the month. Cells are summed to accounts and months before places are looked up.

  The people who make a row large enough to be shown are those at sites that are shown themselves: else a month of ten
  people or more would tell that a withheld site has so many, and its withheld neighbour the few that their unit leaves.
#}
{% set levels = {'zcta': 'zcta', 'county': 'county_fips', 'cbsa': 'cbsa_code', 'state': 'state'} %}
{% set dollars = ['total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] %}

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
),

accounts as (
    select
        captured.product_id,
        captured.service_month,
        captured.procedures,
        coalesce(projected.completed, 0) as completed,
        coalesce(projected.projected, 0) as projected,
        coalesce(projected.greatest_factor, 1) as greatest_factor,
        case when not coalesce(disclosure.is_suppressed or disclosure.is_opted_out, false) then projected.people_bits end
            as shown_people_bits,
        captured.patients,
        {%- for column in levels.values() %}
        coalesce(area.{{ column }}, 'unlocated') as {{ column }},
        {%- endfor %}
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
    left join {{ ref('int_disclosure__accounts') }} as disclosure
        on
            captured.product_id = disclosure.product_id
            and captured.account_id = disclosure.account_id
            and captured.unit_id = disclosure.unit_id
    where captured.months_covered = 1
),

areas as (
    {%- for level, column in levels.items() %}
    select
        product_id,
        '{{ level }}' as area_level,
        {{ column }} as area_id,
        service_month,
        cast(sum(procedures) as decimal(18, 4)) as procedures,
        cast(sum(completed) as decimal(24, 6)) as completed_procedures,
        cast(sum(projected) as decimal(24, 6)) as projected_procedures,
        max(greatest_factor) as greatest_factor,
        cast(sum(patients) as bigint) as site_patients,
        {%- for column in dollars %}
        cast(sum({{ column }}) as decimal(18, 2)) as {{ column }},
        {%- endfor %}
        cast(coalesce(bit_count(bit_or(shown_people_bits)), 0) as bigint) as shown_people
    from accounts
    group by product_id, {{ column }}, service_month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    product_id,
    area_level,
    area_id,
    service_month,
    procedures,
    completed_procedures,
    projected_procedures,
    case when procedures > 0 then round(cast(projected_procedures as double) / procedures, 6) else 1 end
        as projection_factor,
    case when completed_procedures > 0 then round(cast(procedures as double) / completed_procedures, 6) else 1 end
        as completeness_share,
    greatest_factor,
    site_patients,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    shown_people
from areas
where procedures > 0 or total_usd > 0
order by product_id, area_level, area_id, service_month
