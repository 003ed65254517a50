-- The settings that the models need, as typed columns of one row.
select
    max(case when name = 'default_access_status' then lower(cast(value as {{ dbt.type_string() }})) end)
        as default_access_status,
    max(case when name = 'blind_months' then cast(cast(value as decimal(18, 4)) as integer) end) as blind_months,
    max(case when name = 'suppression_threshold' then cast(cast(value as decimal(18, 4)) as integer) end)
        as suppression_threshold,
    coalesce(
        max(case when name = 'referral_window_days' then cast(cast(value as decimal(18, 4)) as integer) end), 90
    ) as referral_window_days,
    cast(
        coalesce(max(case when name = 'referral_alpha' then cast(value as decimal(9, 6)) end), 0) as decimal(9, 6)
    ) as referral_alpha
from {{ lake(source('config', 'setting')) }}
where name in (
    'default_access_status', 'blind_months', 'suppression_threshold', 'referral_window_days', 'referral_alpha'
)
