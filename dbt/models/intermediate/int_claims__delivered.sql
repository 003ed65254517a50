-- Lines that each refresh delivered, by month of service: how many, and how many can make no service. A date after the
-- day the line was delivered is a slip of the pen, not the end of the data.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook="{{ hold() }}"
) }}

select
    line.source,
    line.refresh_id,
    {{ month_of('line.service_date') }} as service_month,
    coalesce(line.service_date > line.known_on, false) as is_ahead,
    count(*) as lines,
    count(case when line.hcpcs_code is null then 1 end) as lines_without_procedure,
    count(case when line.hcpcs_code is not null and (line.service_date is null or line.patient_key is null) then 1 end)
        as lines_without_date_or_patient
from {{ ref('stg_claims__lines') }} as line
where {{ is_news('line.refresh_id', 'int_claims__delivered') }}
group by
    line.source, line.refresh_id, {{ month_of('line.service_date') }},
    coalesce(line.service_date > line.known_on, false)
