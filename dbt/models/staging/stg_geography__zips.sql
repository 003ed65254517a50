-- Where each ZIP lies: its areas and its unit of the map; 'unlocated' where the map knows none.
select
    zip,
    {%- for column in ['zcta', 'county_fips', 'cbsa_code', 'state'] %}
    coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'unlocated') as {{ column }},
    {%- endfor %}
    coalesce(unit_id, 'unlocated') as unit_id
from {{ lake(source('geography', 'zip_crosswalk')) }}
