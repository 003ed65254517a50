{#
  What the last refresh said anew of months that its source had spoken of before. An event here is a patient, a day and a
  code in one source with at least one current line: what the source says, before sources are put together. Only
  patient-days that the refresh touched are read: what it knew before (as of the refresh before it) and what it knows now.
#}
with refreshes as (
    select distinct
        refresh_id,
        cast(refresh_order as integer) as refresh_order
    from {{ ref('stg_landing__refreshes') }}
),

last_refresh as (
    select
        refresh_id as as_of_refresh,
        refresh_order
    from refreshes
    qualify row_number() over (order by refresh_order desc) = 1
),

known_before as (
    select
        delivered.source,
        delivered.service_month
    from {{ ref('int_claims__delivered') }} as delivered
    inner join refreshes as refresh on delivered.refresh_id = refresh.refresh_id
    inner join last_refresh on refresh.refresh_order < last_refresh.refresh_order
    where delivered.service_month is not null
    group by delivered.source, delivered.service_month
),

touched as (
    select line.day_key
    from {{ ref('stg_claims__lines') }} as line
    inner join known_before
        on line.source = known_before.source and {{ month_of('line.service_date') }} = known_before.service_month
    where line.day_key is not null and line.refresh_id in (select as_of_refresh from last_refresh)

    union

    select retired.day_key
    from {{ ref('int_claims__retired') }} as retired
    inner join last_refresh
        on
            (
                retired.known_to_order = last_refresh.refresh_order
                and retired.known_from_order < last_refresh.refresh_order
            )
            or retired.known_again_order = last_refresh.refresh_order
    where retired.day_key is not null
),

retired as (
    select
        retired.refresh_id,
        retired.file_sha256,
        retired.file_row_number,
        max(case
            when
                retired.known_to_order < last_refresh.refresh_order
                and coalesce(retired.known_again_order >= last_refresh.refresh_order, true) then 1
            else 0
        end) = 1 as was_out,
        max(case when retired.known_again_order is null then 1 else 0 end) = 1 as is_out
    from {{ ref('int_claims__retired') }} as retired
    inner join touched on retired.day_key = touched.day_key
    cross join last_refresh
    group by retired.refresh_id, retired.file_sha256, retired.file_row_number
),

lines as (
    select
        line.source,
        line.day_key,
        line.patient_key,
        {{ month_of('line.service_date') }} as service_month,
        line.hcpcs_code,
        {{ usd('coalesce(line.allowed_amount, line.charge_amount, 0)') }} as line_usd,
        case
            when refresh.refresh_order < last_refresh.refresh_order and not coalesce(retired.was_out, false) then 1
            else 0
        end as was_current,
        case when coalesce(retired.is_out, false) then 0 else 1 end as is_current
    from {{ ref('stg_claims__lines') }} as line
    inner join touched on line.day_key = touched.day_key
    inner join refreshes as refresh on line.refresh_id = refresh.refresh_id
    cross join last_refresh
    left join retired
        on
            line.file_row_number = retired.file_row_number
            and line.file_sha256 = retired.file_sha256
            and line.refresh_id = retired.refresh_id
),

events as (
    select
        source,
        service_month,
        day_key,
        hcpcs_code,
        min(patient_key) as patient_key,
        sum(case when is_current < was_current then 1 else 0 end) as lines_removed,
        sum(case when is_current > was_current then 1 else 0 end) as lines_added,
        case when hcpcs_code is not null and max(was_current) > max(is_current) then 1 else 0 end as events_removed,
        case when hcpcs_code is not null and max(is_current) > max(was_current) then 1 else 0 end as events_added,
        sum(case when is_current > was_current then line_usd else 0 end)
        - sum(case when is_current < was_current then line_usd else 0 end) as net_usd
    from lines
    group by source, service_month, day_key, hcpcs_code
    having max(case when was_current <> is_current then 1 else 0 end) = 1
),

changes as (
    select
        events.source,
        events.service_month,
        sum(events.lines_removed) as lines_removed,
        sum(events.lines_added) as lines_added,
        sum(events.events_removed) as events_removed,
        sum(events.events_added) as events_added,
        {{ usd('sum(case when events.net_usd < 0 then -events.net_usd else 0 end)') }} as removed_usd,
        {{ usd('sum(case when events.net_usd > 0 then events.net_usd else 0 end)') }} as added_usd,
        count(distinct events.patient_key) as patients
    from events
    inner join known_before
        on events.source = known_before.source and events.service_month = known_before.service_month
    group by events.source, events.service_month
),

current_lines as (
    select
        source,
        service_month,
        sum(current_lines) as current_lines
    from {{ ref('int_claims__counted') }}
    group by source, service_month
)

select
    last_refresh.as_of_refresh,
    changes.source,
    changes.service_month,
    cast(current_lines.current_lines + changes.lines_removed - changes.lines_added as bigint) as lines_before,
    cast(changes.lines_removed as bigint) as lines_removed,
    cast(changes.lines_added as bigint) as lines_added,
    cast(changes.events_removed as bigint) as events_removed,
    cast(changes.events_added as bigint) as events_added,
    changes.removed_usd,
    changes.added_usd,
    cast(changes.patients as bigint) as patients
from changes
cross join last_refresh
inner join current_lines
    on changes.source = current_lines.source and changes.service_month = current_lines.service_month
