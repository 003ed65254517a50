{#
  What each refresh said of a provider: one row per NPI and refresh, the entry last updated where a delivery repeats one.
  A post office box is no place of practice. NPPES clears everything but the NPI and the date when it deactivates:
  `is_bare` marks such rows, whose facts are those said before.
#}
select
    said.npi,
    refresh.refresh_order,
    said.source,
    said.known_on,
    said.entity_type_code,
    said.provider_name,
    said.primary_taxonomy_code,
    said.specialty,
    said.practice_city,
    said.practice_state,
    case when not coalesce(said.is_practice_po_box, false) then substr(said.practice_zip, 1, 5) end as practice_zip,
    coalesce(said.is_practice_po_box, false) as is_practice_po_box,
    said.enumeration_date,
    case
        when said.reactivation_date is null or said.reactivation_date < said.deactivation_date
            then said.deactivation_date
    end as deactivation_date,
    case when said.reactivation_date >= said.deactivation_date then said.reactivation_date end as reactivation_date,
    said.entity_type_code is null and said.deactivation_date is not null as is_bare
from {{ lake(source('raw', 'provider')) }} as said
inner join {{ ref('stg_landing__refresh_orders') }} as refresh on said.refresh_id = refresh.refresh_id
qualify row_number() over (
    partition by said.npi, said.refresh_id
    order by
        coalesce(said.last_updated, cast('1900-01-01' as date)) desc, said.source desc, said.practice_zip desc,
        said.file_sha256 desc, said.row_number desc
) = 1
