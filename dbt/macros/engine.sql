{# What DuckDB and Spark spell differently. Everything else in the models is SQL that both run. #}

{# A lake table, to be used as `from {{ lake(source('raw', 'medical_claim')) }}`. #}
{% macro lake(relation) -%}
    {{ adapter.dispatch('lake')(relation) }}
{%- endmacro %}

{# Where the lake is becomes known when SQL is made, not when it is parsed: one parse serves every data home. #}
{% macro default__lake(relation) -%}
    {%- if execute -%}
    {{ relation | string | replace('$CLAIMLINE_LAKE', env_var('CLAIMLINE_LAKE', '.claimline/lake')) }}
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__lake(relation) -%}
    {%- set folder = env_var('CLAIMLINE_LAKE', '.claimline/lake') -%}
    {%- set files = '/*/*.parquet' if relation.schema == 'raw' else '.parquet' -%}
    parquet.`{{ folder }}/{{ relation.schema }}/{{ relation.identifier }}{{ files }}`
{%- endmacro %}

{# One output row per element of a list; rows with an empty or null list vanish. Only in a select list. #}
{% macro explode(list_expression) -%}
    {{ adapter.dispatch('explode')(list_expression) }}
{%- endmacro %}

{% macro default__explode(list_expression) -%}
    unnest({{ list_expression }})
{%- endmacro %}

{% macro spark__explode(list_expression) -%}
    explode({{ list_expression }})
{%- endmacro %}

{# A 64-bit key of some columns: an identifier inside one warehouse, not comparable between engines or versions. #}
{% macro row_key(columns) -%}
    {{ adapter.dispatch('row_key')(columns) }}
{%- endmacro %}

{% macro default__row_key(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_key(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}

{# The type of such a key. #}
{% macro key_type() -%}
    {{ adapter.dispatch('key_type')() }}
{%- endmacro %}

{% macro default__key_type() -%}
    ubigint
{%- endmacro %}

{% macro spark__key_type() -%}
    bigint
{%- endmacro %}

{# The exact sum of such keys: with it, a change of people is seen where their number is the same. #}
{% macro sum_of_keys(expression) -%}
    {{ adapter.dispatch('sum_of_keys')(expression) }}
{%- endmacro %}

{% macro default__sum_of_keys(expression) -%}
    sum({{ expression }})
{%- endmacro %}

{% macro spark__sum_of_keys(expression) -%}
    sum(cast({{ expression }} as decimal(38, 0)))
{%- endmacro %}

{# Text on both engines. Python tables with no rows may come without a type, so their columns are cast by name. #}
{% macro as_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{# Different texts of a group in one, in alphabetical order. Null where there are none. #}
{% macro joined_text(expression, separator=', ') -%}
    {{ adapter.dispatch('joined_text')(expression, separator) }}
{%- endmacro %}

{% macro default__joined_text(expression, separator) -%}
    string_agg(distinct {{ expression }}, '{{ separator }}' order by {{ expression }})
{%- endmacro %}

{% macro spark__joined_text(expression, separator) -%}
    nullif(array_join(array_sort(collect_set({{ expression }})), '{{ separator }}'), '')
{%- endmacro %}

{#
  A person as one of 62 bits. The bits of a group's people joined (`bit_or`) have at most as many ones as the group has
  people, whatever groups they are put together from: a lower bound of distinct people that costs nothing.
#}
{% macro person_bit(patient_key) -%}
    {{ adapter.dispatch('person_bit')(patient_key) }}
{%- endmacro %}

{% macro default__person_bit(patient_key) -%}
    (cast(1 as bigint) << cast({{ patient_key }} % 62 as integer))
{%- endmacro %}

{% macro spark__person_bit(patient_key) -%}
    shiftleft(cast(1 as bigint), cast(pmod({{ patient_key }}, 62) as integer))
{%- endmacro %}
