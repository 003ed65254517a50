{# Lists of text, spelled for both engines; a null list holds nothing. #}

{# Do two lists share a value? #}
{% macro lists_overlap(one, other) -%}
    coalesce({{ adapter.dispatch('lists_overlap')(one, other) }}, false)
{%- endmacro %}

{% macro default__lists_overlap(one, other) -%}
    list_has_any({{ one }}, {{ other }})
{%- endmacro %}

{% macro spark__lists_overlap(one, other) -%}
    arrays_overlap({{ one }}, {{ other }})
{%- endmacro %}

{# How many values a list has. #}
{% macro length_of(list_expression) -%}
    coalesce({{ adapter.dispatch('length_of')(list_expression) }}, 0)
{%- endmacro %}

{% macro default__length_of(list_expression) -%}
    len({{ list_expression }})
{%- endmacro %}

{% macro spark__length_of(list_expression) -%}
    size({{ list_expression }})
{%- endmacro %}

{# The first value of a list; null where there is none. #}
{% macro first_of(list_expression) -%}
    {{ adapter.dispatch('first_of')(list_expression) }}
{%- endmacro %}

{% macro default__first_of(list_expression) -%}
    {{ list_expression }}[1]
{%- endmacro %}

{% macro spark__first_of(list_expression) -%}
    get({{ list_expression }}, 0)
{%- endmacro %}

{# Does a list hold any of some values? (`array_contains` is spelled alike on both engines.) #}
{% macro holds_any(list_expression, values) -%}
    coalesce(
        {%- for value in values %}
        array_contains({{ list_expression }}, '{{ value }}'){{ ' or' if not loop.last }}
        {%- endfor %}, false
    )
{%- endmacro %}

{# A list that holds something, else null. #}
{% macro unless_empty(list_expression) -%}
    case when {{ length_of(list_expression) }} > 0 then {{ list_expression }} end
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
