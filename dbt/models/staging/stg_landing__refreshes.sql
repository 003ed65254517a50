-- Accepted files, with the order of their refreshes (known_on, refresh_id) and a number for each source.
select
    refresh_id,
    source,
    known_on,
    file_name,
    file_sha256,
    entity,
    layout,
    delivered_rows,
    accepted_rows,
    quarantined_rows,
    dense_rank() over (order by known_on, refresh_id) as refresh_order,
    dense_rank() over (order by source) as source_number
from {{ lake(source('raw', 'refresh')) }}
