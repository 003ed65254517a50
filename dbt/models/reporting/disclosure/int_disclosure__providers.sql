-- Which performing providers of the planning year may be shown, per product and unit.
-- Published margin: unit = its providers.
{{ close_members_of_units('provider') }}

select
    product_id,
    member_id as npi,
    parent_id as unit_id,
    {{ disclosure_flags() }},
    max(case when is_opted_out then 1 else 0 end) = 1 as is_opted_out
from closed_again
group by product_id, member_id, parent_id
