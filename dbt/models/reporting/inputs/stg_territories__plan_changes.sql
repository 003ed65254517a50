select
    {{ as_text('unit_id') }} as unit_id,
    {{ as_text('from_territory_id') }} as from_territory_id,
    {{ as_text('to_territory_id') }} as to_territory_id,
    cast(addressable_usd as double) as addressable_usd,
    {{ as_text('reason') }} as reason
from {{ lake(source('territories', 'plan_change')) }}
