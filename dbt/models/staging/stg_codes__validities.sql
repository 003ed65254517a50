-- The days on which a code may be used; an open end is the end of time.
select
    lower(code_system) as code_system,
    upper(code) as code,
    coalesce(cast(effective_from as date), cast('1900-01-01' as date)) as effective_from,
    coalesce(cast(effective_to as date), cast('9999-12-31' as date)) as effective_to
from {{ lake(source('code_sets', 'code_validity')) }}
