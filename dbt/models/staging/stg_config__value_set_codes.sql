-- Codes in the spelling of the claims: upper case, no dots.
select
    product_id,
    lower(code_system) as code_system,
    upper(replace(trim(code), '.', '')) as code,
    lower(match_kind) as match_kind,
    cast(effective_from as date) as effective_from,
    cast(effective_to as date) as effective_to
from {{ lake(source('config', 'value_set_code')) }}
