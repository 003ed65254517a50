select
    {{ as_text('plan_id') }} as plan_id,
    {{ as_text('built_for_refresh') }} as built_for_refresh,
    {{ as_text('plan_hash') }} as plan_hash,
    {{ as_text('measure') }} as measure,
    cast(objective as double) as objective,
    cast(bound as double) as bound,
    cast(gap_share as double) as gap_share,
    cast(max_deviation_share as double) as max_deviation_share,
    cast(moved_opportunity_share as double) as moved_opportunity_share,
    cast(moved_units as bigint) as moved_units,
    {{ as_text('what_binds') }} as what_binds
from {{ lake(source('territories', 'plan')) }}
