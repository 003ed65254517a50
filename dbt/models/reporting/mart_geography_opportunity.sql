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
        potential.product_id,
        potential.geography_level,
        potential.geography_id,
        product.product_name,
        coalesce(place.geography_name, potential.geography_id) as geography_name,
        place.county_fips,
        place.state,
        place.latitude,
        place.longitude,
        place.population,
        {% for column in ['first_month', 'last_month', 'months_covered'] -%}
        case when disclosure.is_held_back then held.{{ column }} else potential.{{ column }} end as {{ column }},
        {% endfor -%}
        {% for measure in ['procedures', 'sides', 'units', 'doses', 'patients',
            'billed_usd', 'total_usd', 'providers', 'accounts'] -%}
        {{ as_published(measure, 'potential.' ~ measure, 'held') }} as {{ measure }},
        {% endfor -%}
        {% for measure in ['addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
        {{ as_published(measure, access_part('potential', measure), 'held') }} as {{ measure }},
        {% endfor -%}
        {{ as_published('diagnosed_patients', 'potential.diagnosed_patients', 'held_diagnosis', 'diagnosis_') }}
            as diagnosed_patients,
        {{ shares_of_projection(own=true) }}
        {{ is_access_rounded() }} as is_access_rounded,
        {{ published_flags('disclosure') }}
    from {{ ref('int_potential__by_geography') }} as potential
    inner join {{ ref('int_disclosure__geographies') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.geography_level = disclosure.geography_level
            and potential.geography_id = disclosure.geography_id
    inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
    cross join {{ ref('int_disclosure__steps') }} as steps
    left join {{ ref('int_disclosure__access') }} as access
        on
            potential.product_id = access.product_id
            and potential.geography_level = access.geography_level
            and potential.geography_id = access.geography_id
    {{ join_projection('potential.geography_level', 'potential.geography_id') }}
    {% for held, refresh in [('held', 'held_snapshot_id'), ('held_diagnosis', 'held_diagnosis_snapshot_id')] %}
    left join {{ ref('stg_delivery__published_cells') }} as {{ held }}
        on
            potential.geography_level = {{ held }}.cell_kind
            and potential.product_id = {{ held }}.product_id
            and potential.geography_id = {{ held }}.member_id
            and disclosure.{{ refresh }} = {{ held }}.snapshot_id
    {% endfor %}
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
    procedures,
    sides,
    units,
    doses,
    patients,
    billed_usd,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    {{ projected_as_published(own=true) }}
    providers,
    accounts,
    case
        when not is_suppressed
            then row_number() over (
                partition by product_id, geography_level, is_suppressed order by addressable_usd desc, geography_id
            )
    end as addressable_rank,
    {{ share_of('addressable_usd', 'total_usd') }} as addressable_share,
    round(100000.0 * providers / nullif(population, 0), 2) as providers_per_100000,
    diagnosed_patients,
    round(1000.0 * diagnosed_patients / nullif(population, 0), 3) as diagnosed_patients_per_1000,
    is_access_rounded,
    {{ published_flags() }}
from shown
order by product_id, geography_level, geography_id
