-- Other names of an organisation, as the last refresh that spoke of any listed them.
with listed as (
    select
        said.npi,
        said.other_name,
        coalesce(said.other_name_kind, 'other') as other_name_kind,
        dense_rank() over (partition by said.npi order by refresh.refresh_order desc) as recency
    from {{ lake(source('raw', 'provider_name')) }} as said
    inner join {{ ref('stg_landing__refresh_orders') }} as refresh on said.refresh_id = refresh.refresh_id
)

select distinct
    npi,
    other_name,
    other_name_kind
from listed
where recency = 1
