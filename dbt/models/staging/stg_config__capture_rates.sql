-- Capture rates as the user gives them; a null state is the nation.
select
    cast(payer_channel as {{ dbt.type_string() }}) as payer_channel,
    nullif(cast(state as {{ dbt.type_string() }}), '') as state,
    cast(from_month as date) as from_month,
    cast(to_month as date) as to_month,
    capture_rate,
    capture_rate_low,
    capture_rate_high,
    cast(source as {{ dbt.type_string() }}) as source
from {{ lake(source('config', 'capture_rate')) }}
