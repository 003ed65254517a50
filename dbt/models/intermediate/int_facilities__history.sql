{#
  Facility history as type-2 rows, per source: what it said of a site of care, from the refresh that first said so to the one
  that said otherwise or no longer listed it. Only a whole list removes what it does not hold: the federal list of
  hospitals is one; a directory of another layout may be a correction of a few rows, and removes nothing.
#}
{% set facts = ['facility_npi', 'ccn', 'facility_name', 'facility_type', 'facility_ownership', 'facility_state',
    'facility_zip', 'health_system_id', 'health_system_name'] %}

with releases as (
    select
        source,
        cast(refresh_order as integer) as refresh_order,
        max(case when layout = 'hospital_general_information' then 1 else 0 end) = 1 as is_whole_list
    from {{ ref('stg_landing__refreshes') }}
    where entity = 'facility'
    group by source, refresh_order
),

next_lists as (
    select
        source,
        refresh_order,
        min(case when is_whole_list then refresh_order end) over (
            partition by source
            order by refresh_order
            rows between 1 following and unbounded following
        ) as next_whole_order
    from releases
),

listed as (
    select
        said.*,
        next_lists.next_whole_order,
        lead(said.refresh_order) over (
            partition by said.source, said.facility_id order by said.refresh_order
        ) as next_listed_order
    from {{ ref('stg_directory__facility_rows') }} as said
    inner join next_lists on said.source = next_lists.source and said.refresh_order = next_lists.refresh_order
),

-- What a source said, and where a list came without it, nothing.
states as (
    select
        source,
        facility_id,
        refresh_order,
        known_on,
        true as is_listed,
        {{ facts | join(',\n        ') }},
        {{ row_key(facts) }} as facts_key
    from listed

    union all

    select
        source,
        facility_id,
        next_whole_order as refresh_order,
        cast(null as date) as known_on,
        false as is_listed,
        {% for column in facts -%}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {% endfor -%}
        {{ row_key(["'not listed'"]) }} as facts_key
    from listed
    where next_whole_order < coalesce(next_listed_order, next_whole_order + 1)
),

compared as (
    select
        states.*,
        lag(facts_key) over (partition by source, facility_id order by refresh_order) as facts_key_before
    from states
),

changed as (
    select
        compared.*,
        lead(refresh_order) over (partition by source, facility_id order by refresh_order) as known_to_order,
        lead(is_listed) over (partition by source, facility_id order by refresh_order) as is_listed_after
    from compared
    where facts_key_before is null or facts_key <> facts_key_before
)

select
    source,
    facility_id,
    refresh_order as known_from_order,
    known_to_order,
    known_on as known_from_date,
    {{ facts | join(',\n    ') }},
    coalesce(not is_listed_after, false) as is_removed_after
from changed
where is_listed
