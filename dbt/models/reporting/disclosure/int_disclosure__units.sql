-- A unit over all products, as far as it may be shown: the sum of what is published of it, product by product.
select
    geography_id as unit_id,
    max(case when is_suppressed then 1 else 0 end) = 1 as is_suppressed,
    case when max(case when is_suppressed then 1 else 0 end) = 0 then sum(addressable_usd) end as addressable_usd,
    case when max(case when is_suppressed then 1 else 0 end) = 0 then sum(procedures) end as procedures
from {{ ref('mart_geography_opportunity') }}
where geography_level = 'unit'
group by geography_id
