-- People covered in the market, as the user gives them; a null state is the nation.
select
    cast(payer_channel as {{ dbt.type_string() }}) as payer_channel,
    nullif(cast(state as {{ dbt.type_string() }}), '') as state,
    cast(from_month as date) as from_month,
    cast(to_month as date) as to_month,
    cast(lives as bigint) as lives,
    cast(source as {{ dbt.type_string() }}) as source
from {{ lake(source('config', 'market_lives')) }}
