select
    refresh_id,
    source,
    known_on,
    file_name,
    file_sha256,
    row_number as file_row_number,
    entity,
    column_name,
    reason,
    remedy
from {{ lake(source('raw', 'quarantine')) }}
