select
    review_id,
    trigger,
    scope_kind,
    scope_id,
    evidence,
    recommended_action,
    owner,
    state,
    opened_refresh,
    data_through,
    plan_id
from {{ ref('stg_monitoring__review_flags') }}
order by review_id
