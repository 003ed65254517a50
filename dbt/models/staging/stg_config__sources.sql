select
    source,
    lower(kind) as source_kind,
    lower(feed) as feed,
    cast(precedence as integer) as precedence
from {{ lake(source('config', 'source')) }}
