-- Releases of code sets that were read.
select
    {{ as_text('code_system') }} as code_system,
    {{ as_text('release') }} as release,
    cast(effective_from as date) as effective_from,
    cast(is_complete as boolean) as is_complete,
    {{ as_text('first_characters') }} as first_characters
from {{ lake(source('code_sets', 'code_release')) }}
