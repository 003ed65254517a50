{# Does a list hold any of some values? A null list holds none. (`array_contains` is spelled alike on both engines.) #}
{% macro holds_any(list_expression, values) -%}
    coalesce(
        {%- for value in values %}
        array_contains({{ list_expression }}, '{{ value }}'){{ ' or' if not loop.last }}
        {%- endfor %}, false
    )
{%- endmacro %}
