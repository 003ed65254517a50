-- The settings that the models need, as typed columns of one row.
select
    max(case when name = 'default_access_status' then lower(cast(value as {{ dbt.type_string() }})) end)
        as default_access_status,
    max(case when name = 'blind_months' then cast(cast(value as decimal(18, 4)) as integer) end) as blind_months,
    max(case when name = 'suppression_threshold' then cast(cast(value as decimal(18, 4)) as integer) end)
        as suppression_threshold
from {{ lake(source('config', 'setting')) }}
where name in ('default_access_status', 'blind_months', 'suppression_threshold')
