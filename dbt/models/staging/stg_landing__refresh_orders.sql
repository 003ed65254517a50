-- Refreshes, each once, in the order of (known_on, refresh_id).
select distinct
    refresh_id,
    source,
    known_on,
    cast(refresh_order as integer) as refresh_order
from {{ ref('stg_landing__refreshes') }}
