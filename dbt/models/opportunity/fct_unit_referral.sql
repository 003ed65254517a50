-- Referral between places, for territories to hold together: patients shared by people of two units, over all products
-- and both directions. Within a unit `unit_a` = `unit_b`: no plan can cut that.
select
    least(from_unit_id, to_unit_id) as unit_a,
    greatest(from_unit_id, to_unit_id) as unit_b,
    cast(sum(shared_patients) as bigint) as weight
from {{ ref('fct_referral_edge') }}
group by least(from_unit_id, to_unit_id), greatest(from_unit_id, to_unit_id)
