-- A unit over all products: what it holds in the planning year, and whether that may be shown, which it may if every
-- product of it may.
select
    potential.unit_id,
    sum(potential.addressable_usd) as addressable_usd,
    sum(potential.procedures) as procedures,
    max(case when disclosure.is_suppressed then 1 else 0 end) = 1 as is_suppressed
from {{ ref('fct_unit_potential') }} as potential
inner join {{ ref('int_disclosure__geographies') }} as disclosure
    on
        potential.product_id = disclosure.product_id
        and potential.unit_id = disclosure.geography_id
        and disclosure.geography_level = 'unit'
group by potential.unit_id
