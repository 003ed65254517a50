-- Distinct patients of each month, for all opportunity tables: in one pass, after that of the groups that changed.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_counted_groups() }}',
    post_hook='{{ hold(change=held_change("int_opportunity__changed")) }}'
) }}
-- depends_on: {{ ref('int_opportunity__changed') }}
{% set groups = monthly_groups() %}

{% if is_incremental() -%}
with keyed as (
    select
        {%- for name, columns in groups.items() %}
        {{ group_key(columns) }} as {{ name }},
        {%- endfor %}
        patient_key,
        diagnosed_patient_key
    from {{ ref('int_opportunity__people') }}
)

{%- for name in groups %}

select
    {{ name }} as group_key,
    count(distinct patient_key) as patients,
    count(distinct diagnosed_patient_key) as diagnosed_patients
from keyed
where {{ name }} in ({{ changed_groups(name) }})
group by {{ name }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- else -%}
{{ patients_by(ref('int_opportunity__people'), groups.values() | list) }}
{%- endif %}
