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
