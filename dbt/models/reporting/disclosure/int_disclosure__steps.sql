{#
  To what published totals are rounded that hold shown and withheld cells alike, one row. A step is twice the threshold:
  a total known to within a threshold says nothing of a cell below it. A dollar total is rounded to what so many
  procedures of the dearest product are worth, an index or share to what that is of the mean territory.
#}
with products as (
    select max(price_usd) as most_usd
    from {{ ref('stg_config__products') }}
),

territories as (
    select avg(addressable_usd) as mean_usd
    from {{ ref('stg_territories__territories') }}
)

select
    cast(2 * settings.suppression_threshold as bigint) as procedure_step,
    {{ usd('greatest(2 * settings.suppression_threshold * coalesce(products.most_usd, 0), 1)') }} as usd_step,
    greatest(
        0.001,
        coalesce(2 * settings.suppression_threshold * products.most_usd / nullif(territories.mean_usd, 0), 0.001)
    ) as share_step
from {{ ref('stg_config__settings') }} as settings
cross join products
cross join territories
