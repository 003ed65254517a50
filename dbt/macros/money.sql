{# Money is decimal before anything is summed, so that a sum is the same in whatever order the rows come. #}

{% macro usd(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{#
  Four columns from a total and what access there is at the site of service; total = addressable + phantom + unknown
  to the cent, because phantom is the rest.
#}
{% macro split_by_access(total, status, addressable_share) -%}
    {%- set addressable -%}
    case {{ status }}
        when 'open' then {{ total }}
        when 'restricted' then {{ usd(total ~ ' * ' ~ addressable_share) }}
        else {{ usd('0') }}
    end
    {%- endset -%}
    {%- set unknown -%}
    case when {{ status }} = 'unknown' then {{ total }} else {{ usd('0') }} end
    {%- endset -%}
    {{ usd(total) }} as total_usd,
    {{ usd(addressable) }} as addressable_usd,
    {{ usd(total ~ ' - ' ~ addressable ~ ' - ' ~ unknown) }} as phantom_usd,
    {{ usd(unknown) }} as unknown_usd
{%- endmacro %}

{# A part of a total as a share of 0 to 1, four digits; null where the total is zero. #}
{% macro share_of(part, total) -%}
    round(cast({{ part }} as double) / nullif(cast({{ total }} as double), 0), 4)
{%- endmacro %}
