-- Codes in the spelling of the claims: upper case, no dots. A prefix is the range from itself to itself.
select
    product_id,
    lower(code_system) as code_system,
    coalesce(lower(role), 'include') as role,
    upper(replace(trim(code), '.', '')) as code,
    case
        when lower(match_kind) = 'range' then upper(replace(trim(code_to), '.', ''))
        else upper(replace(trim(code), '.', ''))
    end as code_to,
    lower(match_kind) as match_kind,
    cast(effective_from as date) as effective_from,
    cast(effective_to as date) as effective_to
from {{ lake(source('config', 'value_set_code')) }}
