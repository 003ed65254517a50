-- Codes in the spelling of the claims: upper case, no dots, a prefix without its star.
select
    lower(code_system) as code_system,
    upper(replace(replace(trim(code), '.', ''), '*', '')) as code,
    lower(match_kind) as match_kind,
    lower(unit_kind) as unit_kind,
    cast(dose_per_unit as decimal(18, 6)) as dose_per_unit,
    dose_unit,
    cast(max_units as decimal(18, 3)) as max_units,
    coalesce(is_two_sided, false) as is_two_sided,
    coalesce(is_add_on, false) as is_add_on
from {{ lake(source('config', 'code_rule')) }}
