{# How trends and ranks are shown. #}

{# A growth or excess to the nearest 0.05: finer steps would let counts of neighbouring refreshes be told apart. #}
{% macro twentieth(expression) -%}
    round(({{ expression }}) * 20) / 20
{%- endmacro %}

{# Is a window of a trend so small that its growth would tell of few people? #}
{% macro is_window_small(trend, threshold) -%}
    (
        coalesce({{ trend }}.recent_procedures, 0) < {{ threshold }}
        or coalesce({{ trend }}.base_procedures, 0) < {{ threshold }}
    )
{%- endmacro %}

{#
  Providers per product whose figures over all places may be shown: no place withholds or holds back, and nobody opted
  out. Others that have a row are hidden; who opted out has none.
#}
{% macro providers_shown() -%}
    select
        product_id,
        npi,
        max(case when is_suppressed or is_held_back then 1 else 0 end) = 1 as is_hidden
    from {{ ref('int_disclosure__providers') }}
    group by product_id, npi
    having max(case when is_opted_out then 1 else 0 end) = 0
{%- endmacro %}
