select
    {{ as_text('unit_id') }} as unit_id,
    {{ as_text('territory_id') }} as territory_id,
    {{ as_text('plan_id') }} as plan_id,
    cast(addressable_usd as double) as addressable_usd,
    cast(drive_miles as double) as drive_miles,
    cast(drive_minutes as double) as drive_minutes,
    cast(is_bridge as boolean) as is_bridge
from {{ lake(source('territories', 'unit_assignment')) }}
