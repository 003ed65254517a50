-- Codes that a release added, deleted or revised; the day is the first on which it holds.
select
    {{ as_text('code_system') }} as code_system,
    {{ as_text('code') }} as code,
    cast(effective_from as date) as effective_from,
    {{ as_text('change') }} as change,
    {{ as_text('release') }} as release
from {{ lake(source('code_sets', 'code_change')) }}
