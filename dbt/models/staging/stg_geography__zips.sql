-- Where each ZIP lies: its unit of the map, and its areas; 'unlocated' where the map knows none.
select
    zip,
    {% for column in ['unit_id', 'zcta', 'county_fips', 'cbsa_code', 'state'] -%}
    coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'unlocated') as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ lake(source('geography', 'zip_crosswalk')) }}
