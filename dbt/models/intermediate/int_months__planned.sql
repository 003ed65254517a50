{#
  The planning year, one row: the last 12 usable months of the line sources, or the latest annual volumes where no line
  source delivers. A source that fell more than a year behind does not hold the others back. Until the data is a year
  long the months that there are count; where no month is usable there is no row, and nothing can be planned.
#}
with through as (
    select
        source_kind,
        last_usable_month,
        max(last_usable_month) over (partition by source_kind) as newest_usable_month
    from {{ ref('fct_data_through') }}
),

line_months as (
    select
        1 as preference,
        'lines' as source_kind,
        min(last_usable_month) as last_month
    from through
    where source_kind = 'lines' and last_usable_month > {{ add_months('newest_usable_month', -12) }}
),

first_lines as (
    select min(service_month) as first_service_month
    from {{ ref('int_claims__counted') }}
    where current_lines > 0
),

candidates as (
    select
        line_months.preference,
        line_months.source_kind,
        greatest({{ add_months('line_months.last_month', -11) }}, first_lines.first_service_month) as first_month,
        line_months.last_month
    from line_months
    cross join first_lines
    where line_months.last_month is not null

    union all

    select
        2 as preference,
        'annual' as source_kind,
        {{ add_months('max(last_usable_month)', -11) }} as first_month,
        max(last_usable_month) as last_month
    from through
    where source_kind = 'annual'
    having max(last_usable_month) is not null
),

chosen as (
    select *
    from candidates
    qualify row_number() over (order by preference) = 1
)

select
    source_kind,
    first_month,
    last_month,
    cast({{ months_between('first_month', 'last_month') }} as bigint) as months_covered
from chosen
where first_month <= last_month
