{#
  What happened to the people who perform, without a count. What claims tell is shown where both sides together have at least
  the threshold's procedures; people who have opted out are left out.
#}
select
    said.npi,
    person.provider_name,
    person.specialty,
    said.event_name as event_kind,
    said.event_month,
    said.product_id,
    said.earliest_month,
    said.latest_month,
    said.value_before,
    said.value_after,
    said.evidence,
    round(said.confidence, 3) as confidence,
    main.unit_id,
    unit.unit_name,
    unit.state,
    assignment.territory_id
from {{ ref('stg_providers__provider_events') }} as said
cross join {{ ref('stg_config__settings') }} as settings
left join {{ ref('stg_config__opt_outs') }} as opted_out on said.npi = opted_out.npi
left join {{ ref('int_providers__located') }} as person on said.npi = person.npi
left join {{ ref('int_providers__sites') }} as main on said.npi = main.npi and main.site_rank = 1
left join {{ ref('stg_geography__units') }} as unit on main.unit_id = unit.unit_id
left join {{ ref('stg_territories__unit_assignments') }} as assignment on main.unit_id = assignment.unit_id
where
    opted_out.npi is null
    and (
        said.event_name in ('deactivated', 'reactivated', 'work_after_deactivation')
        or said.procedures_before + said.procedures_after >= settings.suppression_threshold
    )
order by said.npi, said.event_name, said.event_month, said.product_id
