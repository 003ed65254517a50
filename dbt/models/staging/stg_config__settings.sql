-- The settings that the models need, as typed columns of one row.
{% set numbers = {
    'blind_months': 'integer', 'suppression_threshold': 'integer', 'completion_window_refreshes': 'integer',
    'completion_min_services': 'integer', 'completion_floor_share': 'double', 'interval_level': 'double'
} %}

select
    {%- for name, type in numbers.items() %}
    max(case when name = '{{ name }}' then cast(cast(value as decimal(18, 4)) as {{ type }}) end) as {{ name }},
    {%- endfor %}
    coalesce(
        max(case when name = 'referral_window_days' then cast(cast(value as decimal(18, 4)) as integer) end), 90
    ) as referral_window_days,
    cast(
        coalesce(max(case when name = 'referral_alpha' then cast(value as decimal(9, 6)) end), 0) as decimal(9, 6)
    ) as referral_alpha,
    max(case when name = 'default_access_status' then lower(cast(value as {{ dbt.type_string() }})) end)
        as default_access_status
from {{ lake(source('config', 'setting')) }}
where
    name in (
        'default_access_status', 'referral_window_days', 'referral_alpha'
        {%- for name in numbers %}, '{{ name }}'
        {%- endfor %}
    )
