{#
  Provider history as type-2 rows: what the directories said of an NPI, from the refresh that first said so
  (`known_from_order`) to the one that said otherwise (`known_to_order`, null: still so). The state as of refresh r is the row
  with known_from_order <= r < known_to_order; the open row is what stg_directory__providers has.

  A row that only deactivates keeps the facts of the last one that told any.
#}
{% set facts = ['entity_type_code', 'provider_name', 'primary_taxonomy_code', 'specialty', 'practice_city',
    'practice_state', 'practice_zip', 'is_practice_po_box'] %}
{% set dates = ['enumeration_date', 'deactivation_date', 'reactivation_date'] %}

with said as (
    select
        npi,
        refresh_order,
        known_on,
        {{ dates | join(',\n        ') }},
        coalesce(
            max(case when not is_bare then refresh_order end) over (
                partition by npi
                order by refresh_order
                rows between unbounded preceding and current row
            ),
            refresh_order
        ) as facts_order
    from {{ ref('stg_directory__provider_rows') }}
),

filled as (
    select
        said.npi,
        said.refresh_order,
        said.known_on,
        {% for column in facts -%}
        facts.{{ column }},
        {% endfor -%}
        {% for column in dates -%}
        said.{{ column }},
        {% endfor -%}
        {{ row_key(['facts.' ~ facts | join(', facts.'), 'said.' ~ dates | join(', said.')]) }} as facts_key
    from said
    inner join {{ ref('stg_directory__provider_rows') }} as facts
        on said.npi = facts.npi and said.facts_order = facts.refresh_order
),

compared as (
    select
        filled.*,
        lag(facts_key) over (partition by npi order by refresh_order) as facts_key_before
    from filled
),

changed as (
    select
        compared.*,
        row_number() over (partition by npi order by refresh_order) as version,
        lead(refresh_order) over (partition by npi order by refresh_order) as known_to_order
    from compared
    where facts_key_before is null or facts_key <> facts_key_before
)

select
    now.npi,
    now.refresh_order as known_from_order,
    now.known_to_order,
    now.known_on as known_from_date,
    {% for column in facts + dates -%}
    now.{{ column }},
    {% endfor -%}
    case when now.deactivation_date is not null then 'deactivated' else 'active' end as npi_status,
    case
        when before.npi is null then null
        when before.deactivation_date is null and now.deactivation_date is not null then 'deactivated'
        when before.deactivation_date is not null and now.deactivation_date is null then 'reactivated'
    end as status_change,
    case when before.npi is not null then nullif(concat_ws(
        ', ',
        {% for column in facts -%}
        case when before.{{ column }} is distinct from now.{{ column }} then '{{ column }}' end
        {{- ',' if not loop.last }}
        {% endfor -%}
    ), '') end as changed_facts
from changed as now
left join changed as before on now.npi = before.npi and now.version = before.version + 1
