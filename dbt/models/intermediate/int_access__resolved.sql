{#
  What access there is at a site for a product on the as-of date (the day the last refresh became known): the facility's
  own rule before its health system's, a rule for the product before one for all, the later before the earlier. Only
  sites that a rule speaks of have a row; elsewhere the setting default_access_status holds.

  The as-of date and not the day of the service decides, because opportunity looks ahead: volume done while a hospital
  was open is not addressable once it is locked (and a rule with a later date changes only later plans).
#}
with as_of as (
    select max(known_on) as as_of_date
    from {{ ref('stg_landing__refreshes') }}
),

rules as (
    select
        rule.rule_id,
        rule.scope_kind,
        rule.scope_id,
        product.product_id,
        rule.product_id is not null as is_for_product,
        rule.access_status,
        rule.addressable_share,
        rule.effective_from
    from {{ ref('stg_config__access_rules') }} as rule
    inner join {{ ref('stg_config__products') }} as product
        on rule.product_id is null or rule.product_id = product.product_id
    cross join as_of
    where {{ is_effective('as_of.as_of_date', 'rule.effective_from', 'rule.effective_to') }}
),

candidates as (
    select
        rules.*,
        rules.scope_id as site_npi
    from rules
    where rules.scope_kind = 'facility'

    union all

    select
        rules.*,
        facility.facility_npi as site_npi
    from rules
    inner join {{ ref('stg_directory__facilities') }} as facility on rules.scope_id = facility.health_system_id
    where rules.scope_kind = 'health_system'
)

select
    product_id,
    site_npi,
    access_status,
    addressable_share,
    rule_id
from candidates
qualify row_number() over (
    partition by product_id, site_npi
    order by
        case when scope_kind = 'facility' then 0 else 1 end,
        case when is_for_product then 0 else 1 end,
        coalesce(effective_from, cast('1900-01-01' as date)) desc,
        rule_id
) = 1
