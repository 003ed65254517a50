select
    zip,
    coalesce(unit_id, 'unlocated') as unit_id
from {{ lake(source('geography', 'zip_crosswalk')) }}
