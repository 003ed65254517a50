{#
  Who may be shown. A cell is a product's count of people at one place; a margin is a published total with the cells
  that add up to it.

  - A cell of 1 to (threshold - 1) people is hidden. Zero may be shown.
  - Hidden cells must not follow by subtraction from the total: there are at least two of them in a margin, and together
    they hold at least `threshold` people. The next smallest cells are hidden until that is so.
  - Where the total is hidden as well, for its sibling's sake, one hidden cell is enough, but there must be one, or else
    the total would follow by addition.

  Closing a closed margin changes nothing. `cells` must have the columns below. Cells without people are never hidden.
#}
{% macro close_margin(cells, margin, is_total_hidden='false', is_candidate='true') -%}
    {%- set columns = ['measure', 'product_id', 'member_id', 'parent_id', 'is_parent_hidden', 'territory_id',
        'is_only_child', 'people', 'threshold'] -%}
    {%- set margin_of = 'partition by measure, product_id, ' ~ margin ~ ', people > 0 and (' ~ is_candidate ~ ')' -%}
    {%- set smaller = margin_of ~ ' order by case when is_hidden then 0 else 1 end, people, member_id'
        ~ ' rows between unbounded preceding and 1 preceding' -%}
    select
        {{ columns | join(', ') }},
        is_hidden or (
            people > 0 and ({{ is_candidate }})
            and (hidden_cells > 0 or {{ is_total_hidden }})
            and (
                cells_before < case when {{ is_total_hidden }} then 1 else 2 end
                or coalesce(people_before, 0) < threshold
            )
        ) as is_hidden
    from (
        select
            {{ columns | join(', ') }},
            is_hidden,
            sum(case when is_hidden then 1 else 0 end) over ({{ margin_of }}) as hidden_cells,
            count(*) over ({{ smaller }}) as cells_before,
            sum(people) over ({{ smaller }}) as people_before
        from {{ cells }}
    ) as counted
{%- endmacro %}

{# A value that is shown only where its cell is. #}
{% macro unless_hidden(expression, flag) -%}
    case when not {{ flag }} then {{ expression }} end
{%- endmacro %}

{# A total over hidden and shown cells alike, rounded to a step. #}
{% macro rounded_to(expression, step) -%}
    round(({{ expression }}) / {{ step }}) * {{ step }}
{%- endmacro %}
