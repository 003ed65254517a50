{#
  The grain of a model: its key columns are never null and no two rows share them. Rows are counted by one 64-bit key, which
  takes half the time of many columns; where two share one, or a column is null, their columns decide.
#}
{% test grain(model, columns) %}
{%- set has_null %}
({% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %})
{%- endset %}
{%- set key %}
case when {{ has_null }} then cast(0 as {{ key_type() }}) else {{ row_key(columns) }} end
{%- endset %}
with suspects as (
    select key
    from (
        select {{ key }} as key
        from {{ model }}
        where {{ written_anew(model) }}
    ) as keyed
    group by key
    having count(*) > 1 or key = 0
)

select
    {{ columns | join(', ') }},
    count(*) as rows_of_key
from {{ model }}
where {{ written_anew(model) }} and {{ key }} in (select suspects.key from suspects)
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ has_null }}
{% endtest %}
