{#
  What the directories said of an NPI, and since which refresh: a row each time that something changed which decides who
  performed and whether a rule holds. Names do not; and where a place is, is asked after services are made.
#}
{{ config(materialized='incremental', incremental_strategy='append', post_hook="{{ hold() }}") }}

with{% if is_incremental() %} known as (
    select
        npi,
        max_by(facts_key, changed_order) as facts_key
    from {{ this }}
    group by npi
),
{% endif %}
as_of as (
    select coalesce(max(cast(refresh_order as integer)), 0) as refresh_order
    from {{ ref('stg_landing__refreshes') }}
),

said as (
    select
        located.npi,
        {{ row_key(['located.entity_type_code', 'located.specialty', 'directory.primary_taxonomy_code']) }} as facts_key
    from {{ ref('int_providers__located') }} as located
    left join {{ ref('stg_directory__providers') }} as directory on located.npi = directory.npi
)

select
    said.npi,
    said.facts_key,
    as_of.refresh_order as changed_order
from said
cross join as_of
{% if is_incremental() %}
left join known on said.npi = known.npi
where known.npi is null or known.facts_key <> said.facts_key
{% endif %}
