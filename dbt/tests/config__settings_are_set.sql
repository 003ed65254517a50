-- The settings that the models lean on exist and make sense.
select *
from {{ ref('stg_config__settings') }}
where
    default_access_status is null
    or default_access_status not in ('open', 'restricted', 'locked', 'unknown')
    or blind_months is null
    or blind_months < 0
    or suppression_threshold is null
    or suppression_threshold < 1
    or completion_window_refreshes is null
    or completion_window_refreshes < 2
    or completion_min_services is null
    or completion_min_services < 1
    or completion_floor_share is null
    or completion_floor_share < 0
    or completion_floor_share > 1
    or interval_level is null
    or interval_level < 0.5
    or interval_level >= 1
