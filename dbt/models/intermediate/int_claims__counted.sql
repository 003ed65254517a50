-- What was delivered less what no longer counts: current lines per refresh that delivered them and month of service.
with retired as (
    select
        refresh_id,
        {{ month_of('service_date') }} as service_month,
        coalesce(is_ahead, false) as is_ahead,
        count(*) as lines,
        count(case when not has_procedure then 1 end) as lines_without_procedure,
        count(case when has_procedure and not has_date_and_patient then 1 end) as lines_without_date_or_patient
    from {{ ref('int_claims__retired') }}
    where known_again_order is null
    group by refresh_id, {{ month_of('service_date') }}, coalesce(is_ahead, false)
)

select
    delivered.source,
    delivered.refresh_id,
    delivered.service_month,
    delivered.is_ahead,
    delivered.lines as delivered_lines,
    delivered.lines - coalesce(retired.lines, 0) as current_lines,
    delivered.lines_without_procedure - coalesce(retired.lines_without_procedure, 0) as lines_without_procedure,
    delivered.lines_without_date_or_patient - coalesce(retired.lines_without_date_or_patient, 0)
        as lines_without_date_or_patient
from {{ ref('int_claims__delivered') }} as delivered
left join retired
    on
        delivered.refresh_id = retired.refresh_id
        and delivered.service_month is not distinct from retired.service_month
        and delivered.is_ahead = retired.is_ahead
