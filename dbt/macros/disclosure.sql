{#
  Who may be shown. A cell is a product's count of people at one place; a margin is a published total with the cells
  that add up to it. A cell's present value is withheld where

  - it has 1 to (threshold - 1) people (zero may be shown),
  - it differs by so few from a value published before (int_disclosure__cells), or
  - one that is withheld would follow from it: withheld cells of a margin are at least two, and the services
    that they hold above the least that an onlooker must assume of each (`lowest`) leave each of them as wide a range as
    a small cell has. (Services add up over cells; people seen by two surgeons do not.)

  The next smallest cells are withheld until that is so. Where the total is withheld as well, one withheld cell is
  enough, but there must be one, or else the total would follow by addition.

  Closing a closed margin changes nothing. `cells` must have the columns below. Cells without people are never hidden.
#}
{% macro close_margin(cells, is_total_hidden='is_parent_hidden') -%}
    {%- set columns = disclosure_columns() -%}
    {%- set margin_of = 'partition by measure, product_id, parent_id, people > 0' -%}
    {%- set smaller = margin_of ~ ' order by case when is_hidden then 0 else 1 end, people, member_id'
        ~ ' rows between unbounded preceding and 1 preceding' -%}
    select
        {{ columns | join(', ') }},
        is_hidden or (
            people > 0
            and (hidden_cells > 0 or {{ is_total_hidden }})
            and (
                cells_before < case when {{ is_total_hidden }} then 1 else 2 end
                or coalesce(slack_before, 0) < threshold - 2
            )
        ) as is_hidden
    from (
        select
            {{ columns | join(', ') }},
            is_hidden,
            sum(case when is_hidden then 1 else 0 end) over ({{ margin_of }}) as hidden_cells,
            count(*) over ({{ smaller }}) as cells_before,
            sum(services - lowest) over ({{ smaller }}) as slack_before
        from {{ cells }}
    ) as counted
{%- endmacro %}

{# What the models of disclosure know of a cell, beside `is_hidden`. #}
{% macro disclosure_columns() -%}
    {{ return(['measure', 'product_id', 'member_id', 'parent_id', 'is_parent_hidden', 'people', 'services', 'lowest', 'threshold',
        'held_snapshot_id', 'is_opted_out']) }}
{%- endmacro %}

{#
  Totals that must be withheld because their cells cannot be closed: a withheld cell is the only one, or all of them
  together leave too narrow a range. Rows: measure, product_id, parent_id.
#}
{% macro margins_beyond_closing(cells) -%}
    select
        measure,
        product_id,
        parent_id
    from {{ cells }}
    where people > 0
    group by measure, product_id, parent_id
    having
        max(case when is_hidden then 1 else 0 end) = 1
        and (count(*) < 2 or sum(services - lowest) < max(threshold) - 2)
{%- endmacro %}

{# The flags of a member's row, from its closed cells of both measures. #}
{% macro disclosure_flags() -%}
    max(case when measure = 'procedure' and is_hidden and held_snapshot_id is null then 1 else 0 end) = 1
        as is_suppressed,
    max(case when measure = 'procedure' and is_hidden and held_snapshot_id is not null then 1 else 0 end) = 1
        as is_held_back,
    max(case when measure = 'procedure' and is_hidden then held_snapshot_id end) as held_snapshot_id,
    max(case when measure = 'diagnosis' and is_hidden and held_snapshot_id is null then 1 else 0 end) = 1
        as is_diagnosis_suppressed,
    max(case when measure = 'diagnosis' and is_hidden and held_snapshot_id is not null then 1 else 0 end) = 1
        as is_diagnosis_held_back,
    max(case when measure = 'diagnosis' and is_hidden then held_snapshot_id end) as held_diagnosis_snapshot_id
{%- endmacro %}

{#
  The closed cells of all members of a unit (providers or accounts). Those who opted out are withheld on top of what is
  withheld anyway, so that nothing withheld before they opted out is shown because of it.
#}
{% macro close_members_of_units(kind) -%}
with cells as (
    select
        cell.measure,
        cell.product_id,
        cell.member_id,
        cell.unit_id as parent_id,
        coalesce(
            case cell.measure
                when 'procedure' then unit.is_suppressed or unit.is_held_back
                else unit.is_diagnosis_suppressed or unit.is_diagnosis_held_back
            end, false
        ) as is_parent_hidden,
        cell.people,
        cell.services,
        cell.lowest,
        cell.threshold,
        cell.held_snapshot_id,
        cell.is_opted_out,
        cell.is_hidden
    from {{ ref('int_disclosure__cells') }} as cell
    left join {{ ref('int_disclosure__geographies') }} as unit
        on
            cell.product_id = unit.product_id
            and cell.unit_id = unit.geography_id
            and unit.geography_level = 'unit'
    where cell.cell_kind = '{{ kind }}'
),

closed as (
    {{ close_margin('cells') }}
),

without_opted_out as (
    select
        {{ disclosure_columns() | join(', ') }},
        is_hidden or is_opted_out as is_hidden
    from closed
),

closed_again as (
    {{ close_margin('without_opted_out') }}
)
{%- endmacro %}

{# A value that is shown only where its cell is. #}
{% macro unless_hidden(expression, flag) -%}
    case when not {{ flag }} then {{ expression }} end
{%- endmacro %}

{#
  What a row of an opportunity mart shows of a measure: the present value; where that is withheld, the value that was
  published for the refresh in `held_snapshot_id`; or nothing. `now` and `then` are the two rows.
#}
{% macro as_published(measure, now, then, diagnosis='') -%}
    case
        when disclosure.is_{{ diagnosis }}held_back then {{ then }}.{{ measure }}
        when not disclosure.is_{{ diagnosis }}suppressed then {{ now }}
    end
{%- endmacro %}

{# A total over hidden and shown cells alike, rounded to a step. #}
{% macro rounded_to(expression, step) -%}
    round(({{ expression }}) / {{ step }}) * {{ step }}
{%- endmacro %}

{# A part of the split by access: exact, or rounded to what two thresholds of procedures are worth (int_disclosure__access). #}
{% macro access_part(potential, measure) -%}
    case
        when coalesce(access.is_access_rounded, false)
            then least(
                {{ potential }}.total_usd,
                {{ usd(rounded_to(potential ~ '.' ~ measure, 'nullif(steps.procedure_step * product.price_usd, 0)')) }}
            )
        else {{ potential }}.{{ measure }}
    end
{%- endmacro %}

{% macro is_access_rounded() -%}
    not disclosure.is_suppressed
    and case
        when disclosure.is_held_back then held.is_access_rounded else coalesce(access.is_access_rounded, false)
    end
{%- endmacro %}

{# A number to three significant digits. #}
{% macro three_digits(expression) -%}
    case
        when {{ expression }} = 0 then 0
        else round({{ expression }} / power(10, floor(log10(abs({{ expression }}))) - 2))
            * power(10, floor(log10(abs({{ expression }}))) - 2)
    end
{%- endmacro %}

{# What a published cell says of itself: withheld or held back, and the snapshot whose numbers it then repeats. #}
{% macro published_flags(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- for flag in ['is_suppressed', 'is_held_back', 'is_diagnosis_suppressed', 'is_diagnosis_held_back',
        'held_snapshot_id'] -%}
    {{ prefix }}{{ flag }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
