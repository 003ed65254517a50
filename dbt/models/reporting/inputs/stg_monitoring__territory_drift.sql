select
    {{ as_text('territory_id') }} as territory_id,
    {{ as_text('measure') }} as measure,
    cast(observed as double) as observed,
    cast(expected as double) as expected,
    cast(change_share as double) as change_share,
    cast(p_value as double) as p_value,
    cast(q_value as double) as q_value,
    cast(is_drift as boolean) as is_drift,
    cast(baseline_from as date) as baseline_from,
    cast(baseline_to as date) as baseline_to,
    cast(test_from as date) as test_from,
    cast(test_to as date) as test_to,
    {{ as_text('verdict') }} as verdict
from {{ lake(source('monitoring', 'territory_drift')) }}
