{#
  What changed between two releases of a facility list: the release before (`known_before`) and the one that said so
  (`known_on`). The first release of a source adds nothing. A name, owner or place that one of the two did not give is no
  change; a health system that ends or begins is.
#}
with releases as (
    select
        source,
        refresh_order,
        known_on,
        lag(known_on) over (partition by source order by refresh_order) as known_before
    from (
        select distinct
            source,
            cast(refresh_order as integer) as refresh_order,
            known_on
        from {{ ref('stg_landing__refreshes') }}
        where entity = 'facility'
    ) as delivered
),

steps as (
    select
        now.source,
        now.facility_id,
        now.known_from_order as refresh_order,
        now.facility_name,
        now.facility_state,
        now.facility_zip,
        now.health_system_id,
        now.facility_ownership,
        before.facility_id is not null as is_known_before,
        before.facility_name as facility_name_before,
        before.facility_zip as facility_zip_before,
        before.facility_ownership as facility_ownership_before,
        before.health_system_id as health_system_id_before
    from {{ ref('int_facilities__history') }} as now
    left join {{ ref('int_facilities__history') }} as before
        on
            now.source = before.source
            and now.facility_id = before.facility_id
            and now.known_from_order = before.known_to_order
            and not before.is_removed_after
),

changes as (
    select
        steps.*,
        'added' as facility_change,
        cast(null as {{ dbt.type_string() }}) as value_before,
        facility_name as value_now
    from steps
    where not is_known_before

    union all

    {% for change, column in [('renamed', 'facility_name'), ('ownership_changed', 'facility_ownership'),
        ('moved', 'facility_zip')] %}
    select
        steps.*,
        '{{ change }}' as facility_change,
        {{ column }}_before as value_before,
        {{ column }} as value_now
    from steps
    where is_known_before and {{ column }} <> {{ column }}_before

    union all
    {% endfor %}
    select
        steps.*,
        'system_changed' as facility_change,
        health_system_id_before as value_before,
        health_system_id as value_now
    from steps
    where is_known_before and health_system_id is distinct from health_system_id_before
),

removals as (
    select
        source,
        facility_id,
        known_to_order as refresh_order,
        facility_name,
        facility_state,
        facility_zip,
        'removed' as facility_change,
        facility_name as value_before,
        cast(null as {{ dbt.type_string() }}) as value_now
    from {{ ref('int_facilities__history') }}
    where is_removed_after
),

all_changes as (
    select
        source,
        facility_id,
        refresh_order,
        facility_name,
        facility_state,
        facility_zip,
        facility_change,
        value_before,
        value_now
    from changes

    union all

    select *
    from removals
)

select
    all_changes.source,
    all_changes.facility_id,
    all_changes.facility_change,
    releases.known_before,
    releases.known_on,
    all_changes.facility_name,
    all_changes.facility_state,
    coalesce(place.unit_id, 'unlocated') as unit_id,
    all_changes.value_before,
    all_changes.value_now
from all_changes
inner join releases
    on all_changes.source = releases.source and all_changes.refresh_order = releases.refresh_order
left join {{ ref('stg_geography__zips') }} as place on all_changes.facility_zip = place.zip
where releases.known_before is not null
