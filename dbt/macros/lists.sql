{# Does a list hold any of some values? A null list holds none. (`array_contains` is spelled alike on both engines.) #}
{% macro holds_any(list_expression, values) -%}
    coalesce(
        {%- for value in values %}
        array_contains({{ list_expression }}, '{{ value }}'){{ ' or' if not loop.last }}
        {%- endfor %}, false
    )
{%- endmacro %}

{# A list that holds something, else null. #}
{% macro unless_empty(list_expression) -%}
    case when {{ adapter.dispatch('list_size')(list_expression) }} > 0 then {{ list_expression }} end
{%- endmacro %}

{% macro default__list_size(list_expression) -%}
    len({{ list_expression }})
{%- endmacro %}

{% macro spark__list_size(list_expression) -%}
    size({{ list_expression }})
{%- endmacro %}

{# Do two lists share a value? A null list shares none. #}
{% macro lists_meet(first_list, second_list) -%}
    coalesce({{ adapter.dispatch('lists_meet')(first_list, second_list) }}, false)
{%- endmacro %}

{% macro default__lists_meet(first_list, second_list) -%}
    list_has_any({{ first_list }}, {{ second_list }})
{%- endmacro %}

{% macro spark__lists_meet(first_list, second_list) -%}
    arrays_overlap({{ first_list }}, {{ second_list }})
{%- endmacro %}

{# The first place of a value in a list, counted from 1. #}
{% macro place_in(list_expression, value) -%}
    {{ adapter.dispatch('place_in')(list_expression, value) }}
{%- endmacro %}

{% macro default__place_in(list_expression, value) -%}
    list_position({{ list_expression }}, {{ value }})
{%- endmacro %}

{% macro spark__place_in(list_expression, value) -%}
    array_position({{ list_expression }}, {{ value }})
{%- endmacro %}

{# Does one of some places of a list hold a value? #}
{% macro is_pointed_at(list_expression, places, value) -%}
    coalesce({{ adapter.dispatch('is_pointed_at')(list_expression, places, value) }}, false)
{%- endmacro %}

{% macro default__is_pointed_at(list_expression, places, value) -%}
    list_contains(list_transform({{ places }}, lambda place: {{ list_expression }}[place]), {{ value }})
{%- endmacro %}

{% macro spark__is_pointed_at(list_expression, places, value) -%}
    exists({{ places }}, place -> get({{ list_expression }}, cast(place as int) - 1) = {{ value }})
{%- endmacro %}
