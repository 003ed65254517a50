{#
  Opportunity follows the change of its cells (docs/adr/0005): cells are derived anew, compared with what they were, and
  only the groups that a different cell belongs to are added up and counted again, whatever made it different: lines,
  prices, access, places. Changes are numbered, not dated by refresh, because a price may change between two refreshes.
  int_opportunity__changed finds them; ledger_state says which of them a model holds (`through_change`).
#}

{# What the monthly tables group cells by: {the name of the group's key in int_opportunity__changed: its columns}. #}
{% macro monthly_groups() -%}
    {{ return({
        'provider_group_key': ['product_id', 'npi', 'unit_id', 'service_month'],
        'account_group_key': ['product_id', 'account_id', 'service_month'],
        'unit_group_key': ['product_id', 'unit_id', 'service_month']
    }) }}
{%- endmacro %}

{# The number of the change that this build finds: higher than any that a model holds, in a full build as well. #}
{% macro next_change() -%}
    {{ adapter.dispatch('next_change')() }}
{%- endmacro %}

{% macro default__next_change() -%}
    coalesce((select max(through_change) from {{ ledger_state() }}), 0) + 1
{%- endmacro %}

{% macro spark__next_change() -%}
    1
{%- endmacro %}

{# The last change that a model holds. #}
{% macro held_change(model_name) -%}
    {{ adapter.dispatch('held_change')(model_name) }}
{%- endmacro %}

{% macro default__held_change(model_name) -%}
    coalesce((select max(through_change) from {{ ledger_state() }} where model_name = '{{ model_name }}'), 0)
{%- endmacro %}

{% macro spark__held_change(model_name) -%}
    0
{%- endmacro %}

{# Keys of groups that have a changed cell which this model does not hold yet: a query. #}
{% macro changed_groups(group) -%}
    select {{ group }}
    from {{ ref('int_opportunity__changed') }}
    where change_number > {{ held_change(this.identifier) }} and {{ group }} is not null
{%- endmacro %}

{# A condition on rows: in a full build any, after it those of a group that has a changed cell. #}
{% macro is_in_changed_group(group) -%}
    {% if is_incremental() -%}
    {{ group_key(monthly_groups()[group]) }} in ({{ changed_groups(group) }})
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}

{# A pre-hook of a monthly table: groups that have a changed cell go, to be written anew in the same transaction. #}
{% macro forget_changed_groups(group) -%}
    {% if is_incremental() -%}
    delete from {{ this }} where {{ is_in_changed_group(group) }}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# The same for int_opportunity__patients, which holds the groups of all monthly tables. #}
{% macro forget_counted_groups() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where
        {%- for group in monthly_groups() %}
        {{ 'or ' if not loop.first }}group_key in ({{ changed_groups(group) }})
        {%- endfor %}
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# A post-hook of int_opportunity__changed: one row a cell stays, the one that was just written. #}
{% macro forget_earlier_contents() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where
        change_number < {{ next_change() }}
        and cell_key in (select cell_key from {{ this }} where change_number = {{ next_change() }})
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}
