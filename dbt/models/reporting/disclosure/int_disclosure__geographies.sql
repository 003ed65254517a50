{#
  Which geographies of the planning year may be shown, per product: once for the procedures and what follows from them,
  once for the diagnosed patients. Published margins: nation = states, state = units. (A territory's totals are shown
  rounded, and quotas follow from the rounded totals.)

  First from below: a total whose cells cannot be closed is withheld itself. Then from above: margins are closed.
#}
{% set levels = {'unit': 'state', 'state': 'nation', 'nation': none} %}

with members as (
    select *
    from {{ ref('int_disclosure__cells') }}
    where cell_kind in ('provider', 'account')
),

beyond_closing as (
    {% for kind in ['provider', 'account'] %}
    {{ margins_beyond_closing('(select * from members where cell_kind = \'' ~ kind ~ '\') as ' ~ kind ~ 's') }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

{% for level in levels %}
{{ level }}_cells as (
    select
        cell.measure,
        cell.product_id,
        cell.member_id,
        cell.parent_id,
        cell.people,
        cell.services,
        cell.lowest,
        cell.threshold,
        cell.held_snapshot_id,
        cell.is_opted_out,
        cell.is_hidden or beyond.parent_id is not null as is_hidden
    from {{ ref('int_disclosure__cells') }} as cell
    left join {{ 'beyond_closing' if loop.first else loop.previtem ~ 's_beyond_closing' }} as beyond
        on
            cell.measure = beyond.measure
            and cell.product_id = beyond.product_id
            and cell.member_id = beyond.parent_id
    where cell.cell_kind = '{{ level }}'
),

{{ level }}s_beyond_closing as (
    {{ margins_beyond_closing(level ~ '_cells') }}
),

{% endfor %}
nations as (
    select
        *,
        false as is_parent_hidden
    from nation_cells
),

{% for level, parent in [('state', 'nation'), ('unit', 'state')] %}
open_{{ level }}s as (
    select
        cell.*,
        parent.is_hidden as is_parent_hidden
    from {{ level }}_cells as cell
    inner join {{ parent }}s as parent
        on
            cell.measure = parent.measure
            and cell.product_id = parent.product_id
            and cell.parent_id = parent.member_id
),

{{ level }}s as (
    {{ close_margin('open_' ~ level ~ 's') }}
),

{% endfor %}
judged as (
    {% for level in ['nation', 'state', 'unit'] %}
    select
        '{{ level }}' as geography_level,
        measure,
        product_id,
        member_id,
        held_snapshot_id,
        is_hidden
    from {{ level }}s
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    product_id,
    geography_level,
    member_id as geography_id,
    {{ disclosure_flags() }}
from judged
group by product_id, geography_level, member_id
