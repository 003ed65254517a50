-- What the last refresh changed in months that had been known before; cells of few people are withheld whole.
with judged as (
    select
        restated.*,
        -- Rounded: with what was published before, it would tell a change that was withheld then.
        cast({{ rounded_to('restated.lines_before', '(2 * settings.suppression_threshold)') }} as bigint) as lines_then,
        restated.patients > 0 and restated.patients < settings.suppression_threshold as is_suppressed
    from {{ ref('int_months__restated') }} as restated
    cross join {{ ref('stg_config__settings') }} as settings
)

select
    as_of_refresh,
    source,
    service_month,
    is_suppressed,
    {{ unless_hidden('lines_then', 'is_suppressed') }} as lines_before,
    {{ unless_hidden('lines_removed', 'is_suppressed') }} as lines_removed,
    {{ unless_hidden('lines_added', 'is_suppressed') }} as lines_added,
    {{ unless_hidden(share_of('lines_added - lines_removed', 'lines_then'), 'is_suppressed') }} as change_share,
    {{ unless_hidden('events_removed', 'is_suppressed') }} as events_removed,
    {{ unless_hidden('events_added', 'is_suppressed') }} as events_added,
    {{ unless_hidden('events_added - events_removed', 'is_suppressed') }} as events_net,
    {{ unless_hidden('removed_usd', 'is_suppressed') }} as removed_usd,
    {{ unless_hidden('added_usd', 'is_suppressed') }} as added_usd,
    {{ usd(unless_hidden('added_usd - removed_usd', 'is_suppressed')) }} as net_usd
from judged
order by source, service_month
