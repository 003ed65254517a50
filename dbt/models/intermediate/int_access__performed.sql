{#
  The planning year by performer and site of service, with the access there and why: every split by access (fct_access,
  fct_surgeon_access, the marts by territory) is a sum of these rows.

  `is_addressable` is true where anything can be sold at the site; with `involvements` it says for a co-surgeon, whose
  rows have no dollars, where he works.
#}
select
    performed.product_id,
    performed.npi,
    performed.account_id,
    performed.unit_id,
    place.health_system_id,
    place.health_system_name,
    coalesce(access.access_status, settings.default_access_status) as access_status,
    case coalesce(access.access_status, settings.default_access_status)
        when 'open' then true
        when 'restricted' then coalesce(access.addressable_share, 0) > 0
        else false
    end as is_addressable,
    access.rule_id,
    access.reason,
    access.source,
    access.effective_from,
    access.effective_to,
    performed.procedures,
    performed.involvements,
    performed.total_usd,
    performed.addressable_usd,
    performed.phantom_usd,
    performed.unknown_usd
from {{ ref('int_opportunity__planned') }} as performed
cross join {{ ref('stg_config__settings') }} as settings
left join {{ ref('int_access__resolved') }} as access
    on performed.product_id = access.product_id and performed.account_id = access.site_npi
left join {{ ref('int_providers__located') }} as place on performed.account_id = place.npi
where performed.total_usd > 0 or performed.involvements > 0
