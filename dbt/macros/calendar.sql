{# Months are the date of their first day. #}

{% macro month_of(date_expression) -%}
    cast(date_trunc('month', {{ date_expression }}) as date)
{%- endmacro %}

{% macro add_months(date_expression, months) -%}
    cast({{ dbt.dateadd('month', months, date_expression) }} as date)
{%- endmacro %}

{# How many months from the first of two months to the last, both counted. #}
{% macro months_between(first_month, last_month) -%}
    (
        12 * (extract(year from {{ last_month }}) - extract(year from {{ first_month }}))
        + extract(month from {{ last_month }}) - extract(month from {{ first_month }}) + 1
    )
{%- endmacro %}

{# Is `date_expression` inside [from, to], both ends included, where a null end is open? #}
{% macro is_effective(date_expression, from_expression, to_expression) -%}
    (
        ({{ from_expression }} is null or {{ from_expression }} <= {{ date_expression }})
        and ({{ to_expression }} is null or {{ to_expression }} >= {{ date_expression }})
    )
{%- endmacro %}

{% macro add_days(date_expression, days) -%}
    cast({{ dbt.dateadd('day', days, date_expression) }} as date)
{%- endmacro %}

{# Do two dates lie at most so many days apart? #}
{% macro is_within_days(first_date, second_date, days) -%}
    abs({{ dbt.datediff(first_date, second_date, 'day') }}) <= {{ days }}
{%- endmacro %}
