select
    upper(trim(modifier)) as modifier,
    lower(effect) as effect,
    case lower(effect)
        {%- for effect in effect_names() %}
        when '{{ effect }}' then {{ effect_number(effect) }}
        {%- endfor %}
    end as effect_number
from {{ lake(source('config', 'modifier_rule')) }}
