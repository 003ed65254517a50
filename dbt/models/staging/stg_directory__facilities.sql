-- The latest known row of each facility that has an NPI, over all directory sources. A hospital that is known by its
-- CCN alone renders no service in claims; it has its history and its changes.
select
    facility_npi,
    ccn,
    facility_name,
    facility_type,
    facility_ownership,
    facility_zip,
    health_system_id,
    health_system_name,
    known_on
from {{ ref('stg_directory__facility_rows') }}
where facility_npi is not null
qualify row_number() over (partition by facility_npi order by refresh_order desc) = 1
