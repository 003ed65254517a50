-- What changed in the facility lists, with the names of places; registry data, so nothing is withheld.
select
    change.source,
    change.facility_id,
    change.facility_change,
    change.known_before as known_before_date,
    change.known_on,
    change.facility_name,
    coalesce(unit.state, change.facility_state) as state,
    change.unit_id,
    unit.unit_name,
    change.value_before,
    change.value_now
from {{ ref('fct_facility_change') }} as change
left join {{ ref('stg_geography__units') }} as unit on change.unit_id = unit.unit_id
order by change.known_on, change.source, change.facility_id, change.facility_change
