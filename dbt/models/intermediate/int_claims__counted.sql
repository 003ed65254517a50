-- Current lines per refresh that delivered them: how many, how many make no service, and which dates they span.
select
    source,
    refresh_id,
    count(*) as current_lines,
    count(case when hcpcs_code is null then 1 end) as lines_without_procedure,
    count(case when hcpcs_code is not null and (service_date is null or patient_token is null) then 1 end)
        as lines_without_date_or_patient,
    min(service_date) as first_service_date,
    -- A date after the day the line was delivered is a slip of the pen, not the end of the data.
    max(case when service_date <= known_on then service_date end) as last_service_date
from {{ ref('int_claims__current') }}
group by source, refresh_id
