{#
  The incremental build of the line layer (docs/adr/0004): which refreshes a model already holds, and which patient-days
  later refreshes touched. A model's rows and its line in the state table change in one transaction, so a build that is
  killed between two models is continued by the next one.

  CLAIMLINE_BUILD=incremental (or marts, where only what the opportunity tables alone read has changed) asks for it; whoever sets it has compared the state with the registry and with everything
  else that decides rows (dagster_project/ledger_state.py). Anything else is a full build.
#}

{# What was asked for: full, marts or incremental. #}
{% macro build_mode() -%}
    {{ return(adapter.dispatch('build_mode')()) }}
{%- endmacro %}

{% macro default__build_mode() -%}
    {{ return(env_var('CLAIMLINE_BUILD', 'full')) }}
{%- endmacro %}

{% macro spark__build_mode() -%}
    {{ return('full') }}
{%- endmacro %}

{# dbt asks this before each incremental model: no permission, no increment. #}
{% macro should_full_refresh() -%}
    {{ return(build_mode() not in ('incremental', 'marts') or flags.FULL_REFRESH) }}
{%- endmacro %}

{% macro ledger_state() -%}
    {{ return(api.Relation.create(database=target.database, schema='intermediate', identifier='ledger_state')) }}
{%- endmacro %}

{% macro create_ledger_state() -%}
    {{ return(adapter.dispatch('create_ledger_state')()) }}
{%- endmacro %}

{% macro default__create_ledger_state() -%}
    create schema if not exists intermediate;
    create table if not exists {{ ledger_state() }} (
        model_name varchar primary key,
        through_order integer not null,
        fingerprint varchar not null,
        prefix_hash varchar not null,
        through_change integer
    )
{%- endmacro %}

{# Spark builds in full and keeps no state. #}
{% macro spark__create_ledger_state() -%}
    select 1
{%- endmacro %}

{# The last refresh that a model holds: -1 before its first build, and where no state is kept. #}
{% macro held_through(model_name) -%}
    {{ adapter.dispatch('held_through')(model_name) }}
{%- endmacro %}

{% macro default__held_through(model_name) -%}
    coalesce((select max(through_order) from {{ ledger_state() }} where model_name = '{{ model_name }}'), -1)
{%- endmacro %}

{% macro spark__held_through(model_name) -%}
    -1
{%- endmacro %}

{#
  A post-hook: the model now holds what `upstream` held (all refreshes where there is none). In a full build of a model
  without upstream that is the last refresh of the registry. `change` is the last change of cells that it holds
  (macros/changes.sql), of a model that follows them.
#}
{% macro hold(upstream=none, change='null') -%}
    {{ return(adapter.dispatch('hold')(upstream, change)) }}
{%- endmacro %}

{% macro default__hold(upstream, change) -%}
    insert or replace into {{ ledger_state() }}
        (model_name, through_order, fingerprint, prefix_hash, through_change)
    select
        '{{ this.identifier }}',
        {% if upstream %}{{ held_through(upstream) }}{% else -%}
        coalesce((select max(refresh_order) from {{ ref('stg_landing__refreshes') }}), 0)
        {%- endif %},
        '{{ env_var("CLAIMLINE_FINGERPRINT", "") }}',
        '{{ env_var("CLAIMLINE_REGISTRY_HASH", "") }}',
        {{ change }}
{%- endmacro %}

{% macro spark__hold(upstream, change) -%}
    select 1
{%- endmacro %}

{# The last refresh that all of some models hold. #}
{% macro held_by_all(model_names) -%}
    coalesce((
        select min(through_order)
        from {{ ledger_state() }}
        where model_name in ('{{ model_names | join("', '") }}')
    ), -1)
{%- endmacro %}

{# Models whose rows belong to a patient's day or to a patient: those with the tag `by_day`. #}
{% macro models_built_by_day() -%}
    {%- set names = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if 'by_day' in node.config.tags -%}
        {%- do names.append(node.name) -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{%- endmacro %}

{# A pre-hook: rows whose key is in `keys` (a relation or a query) go, to be written anew in the same transaction. #}
{% macro forget(key, keys) -%}
    {% if is_incremental() -%}
    delete from {{ this }} where {{ key }} in (select {{ key }} from {{ keys }})
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# A condition on a refresh: in a full build any, after it those that a model does not hold yet. #}
{% macro is_news(refresh_id, model_name) -%}
    {% if should_full_refresh() -%}
    true
    {%- else -%}
    {{ refresh_id }} in (
        select refresh_id
        from {{ ref('stg_landing__refreshes') }}
        where refresh_order > {{ held_through(model_name) }}
    )
    {%- endif %}
{%- endmacro %}

{# A condition on the key of a day or of a person: in a full build all of them, after it those that are renewed. #}
{% macro is_renewed(expression, key='day_key') -%}
    {% if is_incremental() -%}
    {{ expression }} in (select {{ key }} from {{ ref('int_days__renewed') }})
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}

{# Asked while a model is compiled: has a table rows that fulfil a condition? True where the table is not there yet. #}
{% macro has_rows(relation, condition) -%}
    {%- if not execute or not load_relation(relation) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set found = run_query('select 1 as found from ' ~ relation ~ ' where ' ~ condition ~ ' limit 1') -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}

{#
  A 64-bit key of a person's day. The day stands in the upper bits, so that a table written in the order of days can be
  read for a few days only. Two people may share a key of one day (1 in 70 million million): they are then built
  anew together, which changes nothing.
#}
{% macro day_key(patient_key, service_date) -%}
    {{ adapter.dispatch('day_key')(patient_key, service_date) }}
{%- endmacro %}

{% macro default__day_key(patient_key, service_date) -%}
    (cast({{ service_date }} - cast('1900-01-01' as date) as bigint) * 70368744177664
    + cast({{ patient_key }} % 70368744177664 as bigint))
{%- endmacro %}

{% macro spark__day_key(patient_key, service_date) -%}
    (cast(datediff({{ service_date }}, cast('1900-01-01' as date)) as bigint) * 70368744177664
    + pmod({{ patient_key }}, 70368744177664))
{%- endmacro %}

{# The day in such a key. #}
{% macro day_of(day_key) -%}
    {{ adapter.dispatch('day_of')(day_key) }}
{%- endmacro %}

{% macro default__day_of(day_key) -%}
    cast(cast('1900-01-01' as date) + cast({{ day_key }} >> 46 as integer) as date)
{%- endmacro %}

{% macro spark__day_of(day_key) -%}
    date_add(cast('1900-01-01' as date), cast(shiftright({{ day_key }}, 46) as int))
{%- endmacro %}

{# Months of patients with a renewed day: a query. #}
{% macro renewed_months() -%}
    select distinct
        patient_key,
        {{ month_of(day_of('day_key')) }} as service_month
    from {{ ref('int_days__renewed') }}
{%- endmacro %}
