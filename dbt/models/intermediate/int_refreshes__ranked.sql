{#
  Refreshes of claims, each with the place of its source among those that may tell of one service: by `precedence`, closed
  feeds before open ones where that is equal, then by name. A source that the configuration does not know comes last.
  Deliveries of one source that became known on one day are parts of one refresh: nothing in them is known before the rest
  (`part_of_order`).
#}
select
    refresh.refresh_id,
    refresh.source,
    cast(refresh.refresh_order as integer) as refresh_order,
    cast(min(refresh.refresh_order) over (partition by refresh.source, refresh.known_on) as integer) as part_of_order,
    cast(
        dense_rank() over (
            order by
                case when known.source is null then 1 else 0 end,
                known.precedence,
                case known.feed when 'closed' then 0 else 1 end,
                refresh.source
        ) as integer
    ) as source_rank
from (
    select distinct
        refresh_id,
        source,
        known_on,
        refresh_order
    from {{ ref('stg_landing__refreshes') }}
    where entity = 'medical_claim'
) as refresh
left join {{ ref('stg_config__sources') }} as known on refresh.source = known.source
