with units as (
    select
        unit_id as geography_id,
        'unit' as geography_level,
        unit_name as geography_name,
        county_fips,
        coalesce(state, 'unlocated') as state,
        latitude,
        longitude,
        population
    from {{ ref('stg_geography__units') }}
),

places as (
    select *
    from units

    union all

    select
        state as geography_id,
        'state' as geography_level,
        state as geography_name,
        cast(null as {{ dbt.type_string() }}) as county_fips,
        state,
        cast(null as double) as latitude,
        cast(null as double) as longitude,
        cast(sum(population) as bigint) as population
    from units
    group by state

    union all

    select
        'nation' as geography_id,
        'nation' as geography_level,
        'Nation' as geography_name,
        cast(null as {{ dbt.type_string() }}) as county_fips,
        cast(null as {{ dbt.type_string() }}) as state,
        cast(null as double) as latitude,
        cast(null as double) as longitude,
        cast(sum(population) as bigint) as population
    from units
),

shown as (
    select
        potential.*,
        product.product_name,
        coalesce(place.geography_name, potential.geography_id) as geography_name,
        place.county_fips,
        place.state,
        place.latitude,
        place.longitude,
        place.population,
        disclosure.is_suppressed,
        disclosure.is_diagnosis_suppressed,
        row_number() over (
            partition by potential.product_id, potential.geography_level, disclosure.is_suppressed
            order by potential.addressable_usd desc, potential.geography_id
        ) as addressable_rank
    from {{ ref('int_potential__by_geography') }} as potential
    inner join {{ ref('int_disclosure__geographies') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.geography_level = disclosure.geography_level
            and potential.geography_id = disclosure.geography_id
    inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
    left join places as place
        on potential.geography_level = place.geography_level and potential.geography_id = place.geography_id
)

select
    product_id,
    product_name,
    geography_level,
    geography_id,
    geography_name,
    county_fips,
    state,
    latitude,
    longitude,
    population,
    first_month,
    last_month,
    months_covered,
    {% for measure in ['procedures', 'sides', 'units', 'doses', 'patients',
        'billed_usd', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd',
        'providers', 'accounts', 'addressable_rank'] -%}
    {{ unless_hidden(measure, 'is_suppressed') }} as {{ measure }},
    {% endfor -%}
    {{ unless_hidden(share_of('addressable_usd', 'total_usd'), 'is_suppressed') }} as addressable_share,
    {{ unless_hidden('round(100000.0 * providers / nullif(population, 0), 2)', 'is_suppressed') }}
        as providers_per_100000,
    {{ unless_hidden('diagnosed_patients', 'is_diagnosis_suppressed') }} as diagnosed_patients,
    {{ unless_hidden('round(1000.0 * diagnosed_patients / nullif(population, 0), 3)', 'is_diagnosis_suppressed') }}
        as diagnosed_patients_per_1000,
    is_suppressed,
    is_diagnosis_suppressed
from shown
order by product_id, geography_level, geography_id
