select
    through.source,
    through.source_kind,
    through.as_of_refresh,
    through.last_service_month,
    through.last_usable_month,
    planned.source_kind is not null as is_planned_with,
    planned.first_month as planning_first_month,
    planned.last_month as planning_last_month
from {{ ref('fct_data_through') }} as through
left join {{ ref('int_months__planned') }} as planned on through.source_kind = planned.source_kind
order by through.source
