-- The latest known row of each facility, over all directory sources.
select
    facility_npi,
    facility_name,
    facility_type,
    substr(facility_zip, 1, 5) as facility_zip,
    health_system_id,
    health_system_name,
    known_on
from {{ lake(source('raw', 'facility')) }}
qualify row_number() over (
    partition by facility_npi
    order by known_on desc, refresh_id desc, source desc, facility_zip desc, file_sha256 desc, row_number desc
) = 1
