-- Units of the map, and the one that stands for every place that cannot be found on it.
select
    unit_id,
    unit_type,
    unit_name,
    cast(county_fips as {{ dbt.type_string() }}) as county_fips,
    cast(cbsa_code as {{ dbt.type_string() }}) as cbsa_code,
    cast(state as {{ dbt.type_string() }}) as state,
    latitude,
    longitude,
    cast(population as bigint) as population
from {{ lake(source('geography', 'unit')) }}
where unit_id <> 'unlocated'

union all

select
    'unlocated' as unit_id,
    'unlocated' as unit_type,
    'Unlocated' as unit_name,
    cast(null as {{ dbt.type_string() }}) as county_fips,
    cast(null as {{ dbt.type_string() }}) as cbsa_code,
    'unlocated' as state,
    cast(null as double) as latitude,
    cast(null as double) as longitude,
    cast(null as bigint) as population
