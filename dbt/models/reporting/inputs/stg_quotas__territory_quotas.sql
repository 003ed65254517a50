select
    {{ as_text('territory_id') }} as territory_id,
    {{ usd('quota_usd') }} as quota_usd,
    cast(potential_share as double) as potential_share,
    {{ usd('prior_quota_usd') }} as prior_quota_usd,
    cast(change_share as double) as change_share,
    {{ as_text('binding') }} as binding
from {{ lake(source('quotas', 'territory_quota')) }}
