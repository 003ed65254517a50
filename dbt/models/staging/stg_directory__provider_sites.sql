-- Further practice locations of a provider, as the last refresh that spoke of any listed them; boxes are no places.
with listed as (
    select
        said.npi,
        substr(said.practice_zip, 1, 5) as practice_zip,
        dense_rank() over (partition by said.npi order by refresh.refresh_order desc) as recency
    from {{ lake(source('raw', 'provider_site')) }} as said
    inner join {{ ref('stg_landing__refresh_orders') }} as refresh on said.refresh_id = refresh.refresh_id
    where not coalesce(said.is_practice_po_box, false) and said.practice_zip is not null
)

select distinct
    npi,
    practice_zip
from listed
where recency = 1
