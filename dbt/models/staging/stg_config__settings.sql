-- The settings that the models need, as typed columns of one row.
{% set numbers = {
    'blind_months': 'integer', 'suppression_threshold': 'integer', 'completion_window_refreshes': 'integer',
    'completion_min_services': 'integer', 'completion_floor_share': 'double', 'interval_level': 'double'
} %}

select
    {%- for name, type in numbers.items() %}
    max(case when name = '{{ name }}' then cast(cast(value as decimal(18, 4)) as {{ type }}) end) as {{ name }},
    {%- endfor %}
    max(case when name = 'default_access_status' then lower(cast(value as {{ dbt.type_string() }})) end)
        as default_access_status
from {{ lake(source('config', 'setting')) }}
where
    name in (
        'default_access_status'
        {%- for name in numbers %}, '{{ name }}'
        {%- endfor %}
    )
