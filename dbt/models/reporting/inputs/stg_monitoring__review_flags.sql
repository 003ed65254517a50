select
    {{ as_text('review_id') }} as review_id,
    {{ as_text('trigger') }} as trigger,
    {{ as_text('scope_kind') }} as scope_kind,
    {{ as_text('scope_id') }} as scope_id,
    {{ as_text('evidence') }} as evidence,
    {{ as_text('recommended_action') }} as recommended_action,
    {{ as_text('owner') }} as owner,
    {{ as_text('state') }} as state,
    {{ as_text('opened_refresh') }} as opened_refresh,
    cast(data_through as date) as data_through,
    {{ as_text('plan_id') }} as plan_id
from {{ lake(source('monitoring', 'review_flag')) }}
