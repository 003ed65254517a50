{#
  What access there is at a site for a product on the as-of date (the day the last refresh became known). Only sites that
  a rule speaks of on that day have a row; elsewhere the setting default_access_status holds.

  The as-of date and not the day of the service decides, because opportunity looks ahead: volume done while a hospital
  was open is not addressable once it is locked (and a rule with a later date changes only later plans).
#}
with as_of as (
    select max(known_on) as as_of_date
    from {{ ref('stg_landing__refreshes') }}
)

select
    history.product_id,
    history.site_npi,
    history.access_status,
    history.addressable_share,
    history.rule_id,
    history.scope_kind,
    history.reason,
    history.source,
    history.effective_from,
    history.effective_to
from {{ ref('int_access__history') }} as history
cross join as_of
where {{ is_effective('as_of.as_of_date', 'history.effective_from', 'history.effective_to') }}
