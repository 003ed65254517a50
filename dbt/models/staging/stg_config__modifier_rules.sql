select
    upper(trim(modifier)) as modifier,
    lower(effect) as effect,
    {{ effect_number_of('lower(effect)') }} as effect_number
from {{ lake(source('config', 'modifier_rule')) }}
