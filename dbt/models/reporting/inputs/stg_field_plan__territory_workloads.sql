select
    {{ as_text('territory_id') }} as territory_id,
    cast(accounts as bigint) as accounts,
    cast(visit_hours as double) as visit_hours,
    cast(travel_hours as double) as travel_hours,
    cast(total_hours as double) as total_hours,
    cast(capacity_hours as double) as capacity_hours,
    cast(workload_index as double) as workload_index
from {{ lake(source('field_plan', 'territory_workload')) }}
