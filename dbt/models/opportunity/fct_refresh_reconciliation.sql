{#
  Where the rows of each refresh went. Counts are of rows, lines and services, over all products and places. A service
  belongs to the refresh that delivered its latest current line.
#}
with files as (
    select
        refresh_id,
        refresh_order,
        min(source) as source,
        min(known_on) as known_on,
        sum(delivered_rows) as delivered_rows,
        sum(accepted_rows) as accepted_rows,
        sum(quarantined_rows) as quarantined_rows
    from {{ ref('stg_landing__refreshes') }}
    group by refresh_id, refresh_order
),

current_lines as (
    select
        refresh_id,
        sum(delivered_lines) as accepted_lines,
        sum(current_lines) as current_lines,
        sum(lines_without_procedure) as lines_without_procedure,
        sum(lines_without_date_or_patient) as lines_without_date_or_patient
    from {{ ref('int_claims__counted') }}
    group by refresh_id
),

retired as (
    select
        refresh_id,
        count(case when line_status = 'superseded' then 1 end) as superseded_lines,
        count(case when line_status = 'voided' then 1 end) as voided_lines,
        count(case when line_status = 'reversed' then 1 end) as reversed_lines,
        count(case when is_orphan_void then 1 end) as orphan_void_lines
    from {{ ref('int_claims__retired') }}
    where known_again_order is null
    group by refresh_id
),

services as (
    select
        service.last_refresh_order as refresh_order,
        sum(service.services) as services,
        sum(case when coalesce(place.unit_id, 'unlocated') <> 'unlocated' then service.services else 0 end)
            as services_located,
        sum(case when coalesce(place.unit_id, 'unlocated') = 'unlocated' then service.services else 0 end)
            as services_unlocated
    from (
        select
            last_refresh_order,
            site_npi,
            count(*) as services
        from {{ ref('int_services__deduplicated') }}
        group by last_refresh_order, site_npi
    ) as service
    left join {{ ref('int_providers__located') }} as place on service.site_npi = place.npi
    group by service.last_refresh_order
)

select
    files.refresh_id,
    files.source,
    files.known_on,
    cast(files.delivered_rows as bigint) as delivered_rows,
    cast(files.accepted_rows as bigint) as accepted_rows,
    cast(files.quarantined_rows as bigint) as quarantined_rows,
    cast(coalesce(current_lines.accepted_lines, 0) as bigint) as accepted_lines,
    cast(coalesce(retired.superseded_lines, 0) as bigint) as superseded_lines,
    cast(coalesce(retired.voided_lines, 0) as bigint) as voided_lines,
    cast(coalesce(retired.reversed_lines, 0) as bigint) as reversed_lines,
    cast(coalesce(retired.orphan_void_lines, 0) as bigint) as orphan_void_lines,
    cast(coalesce(current_lines.current_lines, 0) as bigint) as current_lines,
    cast(coalesce(current_lines.lines_without_procedure, 0) as bigint) as lines_without_procedure,
    cast(coalesce(current_lines.lines_without_date_or_patient, 0) as bigint) as lines_without_date_or_patient,
    cast(coalesce(services.services, 0) as bigint) as services,
    cast(coalesce(services.services_located, 0) as bigint) as services_located,
    cast(coalesce(services.services_unlocated, 0) as bigint) as services_unlocated
from files
left join current_lines on files.refresh_id = current_lines.refresh_id
left join retired on files.refresh_id = retired.refresh_id
left join services on files.refresh_order = services.refresh_order
