select
    quota.territory_id,
    territory.territory_name,
    territory.plan_id,
    rep.rep_id,
    rep.rep_name,
    quota.quota_usd,
    round(quota.potential_share, 4) as potential_share,
    quota.prior_quota_usd,
    round(quota.change_share, 4) as change_share,
    quota.binding
from {{ ref('stg_quotas__territory_quotas') }} as quota
left join {{ ref('stg_territories__territories') }} as territory on quota.territory_id = territory.territory_id
left join {{ ref('stg_field_plan__rep_assignments') }} as rep on quota.territory_id = rep.territory_id
order by quota.territory_id
