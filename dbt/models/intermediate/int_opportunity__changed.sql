{#
  What each cell held when it last changed, and in which build that was: the state that the monthly tables follow
  (macros/changes.sql). Cells are compared as they are read, with their place, price and access; and what an organisation
  billed is one more cell, of its account alone. A cell that is gone stays as a row without content.
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook=['{{ forget_earlier_contents() }}', '{{ hold(change=next_change()) }}']
) }}
{% set cell = [
    'product_id', 'npi', 'account_id', 'unit_id', 'zip', 'service_month', 'payer_channel', 'months_covered'
] %}
{% set content = [
    'people_key', 'beneficiaries', 'procedures', 'involvements', 'sides', 'units', 'doses', 'billed_usd', 'total_usd',
    'addressable_usd', 'phantom_usd', 'unknown_usd'
] %}
{% set groups = monthly_groups() %}

with cells as (
    select
        {{ row_key(cell) }} as cell_key,
        {%- for name, columns in groups.items() %}
        {{ group_key(columns) }} as {{ name }},
        {%- endfor %}
        {{ row_key(content) }} as content_key
    from {{ ref('int_opportunity__measured') }}

    union all

    select
        {{ row_key(["'billed'", 'product_id', 'account_id', 'service_month']) }} as cell_key,
        {%- for name, columns in groups.items() %}
        {{ group_key(columns) if name == 'account_group_key' else 'cast(null as ' ~ key_type() ~ ')' }} as {{ name }},
        {%- endfor %}
        {{ row_key(['min(unit_id)', 'sum(procedures)']) }} as content_key
    from {{ ref('int_opportunity__billed') }}
    group by product_id, account_id, service_month
)

{% if is_incremental() -%}
select
    coalesce(cells.cell_key, known.cell_key) as cell_key,
    cells.content_key,
    {%- for name in groups %}
    case when cells.cell_key is null then known.{{ name }} else cells.{{ name }} end as {{ name }},
    {%- endfor %}
    {{ next_change() }} as change_number
from cells
full outer join {{ this }} as known on cells.cell_key = known.cell_key
where coalesce(cells.content_key <> known.content_key, cells.content_key is not null or known.content_key is not null)
{%- else -%}
select
    *,
    {{ next_change() }} as change_number
from cells
{%- endif %}
