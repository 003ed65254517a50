{#
  What each refresh said of a site of care: one row per facility and refresh. A facility is known by its NPI; one that has
  none, as the hospitals of the federal list, by its CCN. The two cannot be confused: ten digits, six characters.
#}
select
    coalesce(said.facility_npi, said.ccn) as facility_id,
    said.facility_npi,
    said.ccn,
    said.source,
    refresh.refresh_order,
    said.known_on,
    said.facility_name,
    said.facility_type,
    said.facility_ownership,
    said.facility_state,
    substr(said.facility_zip, 1, 5) as facility_zip,
    said.health_system_id,
    said.health_system_name
from {{ lake(source('raw', 'facility')) }} as said
inner join {{ ref('stg_landing__refresh_orders') }} as refresh on said.refresh_id = refresh.refresh_id
qualify row_number() over (
    partition by coalesce(said.facility_npi, said.ccn), said.refresh_id
    order by said.facility_zip desc, said.file_sha256 desc, said.row_number desc
) = 1
