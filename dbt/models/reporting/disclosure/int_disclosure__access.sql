{#
  Where the split by access (addressable, phantom, unknown) may be exact: where all volume has one access status and
  share, so that the split says no more than the total. Elsewhere a part of the split is the volume of the accounts
  behind one status, however few their patients, and it is published rounded.
#}
with accounts as (
    select
        potential.product_id,
        potential.unit_id,
        coalesce(unit.state, 'unlocated') as state,
        'nation' as nation,
        coalesce(access.access_status, settings.default_access_status) as access_status,
        coalesce(access.addressable_share, cast(0 as decimal(9, 6))) as addressable_share
    from {{ ref('int_potential__by_account') }} as potential
    cross join {{ ref('stg_config__settings') }} as settings
    left join {{ ref('int_access__resolved') }} as access
        on potential.product_id = access.product_id and potential.account_id = access.site_npi
    left join {{ ref('stg_geography__units') }} as unit on potential.unit_id = unit.unit_id
    where potential.procedures > 0
)

{% for level, identifier in [('unit', 'unit_id'), ('state', 'state'), ('nation', 'nation')] %}
select
    product_id,
    '{{ level }}' as geography_level,
    {{ identifier }} as geography_id,
    min(access_status) <> max(access_status) or min(addressable_share) <> max(addressable_share) as is_access_rounded
from accounts
group by product_id, {{ identifier }}
{{ 'union all' if not loop.last }}
{% endfor %}
