-- Enrolment spans of the latest list of each source that brought any: such a list is whole each time it comes.
with files as (
    select
        source,
        refresh_id,
        refresh_order
    from {{ ref('stg_landing__refreshes') }}
    where entity = 'eligibility'
    group by source, refresh_id, refresh_order
    qualify row_number() over (partition by source order by refresh_order desc) = 1
)

select distinct
    span.source,
    {{ row_key(['span.patient_token']) }} as patient_key,
    span.payer_channel,
    span.state,
    span.enrollment_start_date,
    span.enrollment_end_date
from {{ lake(source('raw', 'eligibility')) }} as span
inner join files on span.source = files.source and span.refresh_id = files.refresh_id
