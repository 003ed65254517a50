{#
  The measures that every opportunity table shows, per `keys`, over rows of `int_opportunity__measured`. Patients are
  counted as distinct people where the source has lines; an annual source's beneficiaries are added up. Diagnosed
  patients are null where no source that has diagnoses took part.

  Volumes and diagnoses are counted apart and then put side by side: neither has to carry the other's rows through a
  count of distinct people. Sides are null where only annual volumes took part, doses where nothing is dosed. `performing`
  maps a name to the column whose distinct values with credit for procedures are counted, those without a name not among
  them; `least` maps a name to an expression of which the least is shown.
#}
{% macro opportunity_by(rows, keys, performing={}, least={}) -%}
    {%- set counts = {'procedures': 'decimal(18, 4)', 'involvements': 'decimal(18, 4)', 'sides': 'bigint',
        'units': 'decimal(18, 3)', 'doses': 'decimal(18, 4)'} -%}
    {%- set sums = ['billed_usd', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
    select
        {{ keys | join(', ') }},
        {%- for column, type in counts.items() %}
        cast(sum({{ column }}) as {{ type }}) as {{ column }},
        {%- endfor %}
        cast(sum(patients) as bigint) as patients,
        case when min(source_months) = 1 then cast(sum(diagnosed_patients) as bigint) end as diagnosed_patients
        {%- for column in sums %},
        {{ usd('sum(' ~ column ~ ')') }} as {{ column }}
        {%- endfor %}
        {%- for name in performing %},
        cast(sum({{ name }}) as bigint) as {{ name }}
        {%- endfor %}
        {%- for name in least %},
        min({{ name }}) as {{ name }}
        {%- endfor %}
    from (
        select
            {{ keys | join(', ') }},
            min(months_covered) as source_months,
            {%- for column, type in counts.items() %}
            cast(sum({{ column }}) as {{ type }}) as {{ column }},
            {%- endfor %}
            count(distinct patient_key) + coalesce(sum(beneficiaries), 0) as patients,
            0 as diagnosed_patients
            {%- for column in sums %},
            {{ usd('coalesce(sum(' ~ column ~ '), 0)') }} as {{ column }}
            {%- endfor %}
            {%- for name, column in performing.items() %},
            count(distinct case
                when (involvements > 0 or total_usd > 0) and {{ column }} <> 'unattributed' then {{ column }}
            end) as {{ name }}
            {%- endfor %}
            {%- for name, expression in least.items() %},
            min({{ expression }}) as {{ name }}
            {%- endfor %}
        from {{ rows }}
        where diagnosed_patient_key is null
        group by {{ keys | join(', ') }}

        union all

        select
            {{ keys | join(', ') }},
            min(months_covered) as source_months,
            {%- for column, type in counts.items() %}
            cast({{ 'null' if column == 'doses' else 0 }} as {{ type }}) as {{ column }},
            {%- endfor %}
            0 as patients,
            count(distinct diagnosed_patient_key) as diagnosed_patients
            {%- for column in sums %},
            {{ usd('0') }} as {{ column }}
            {%- endfor %}
            {%- for name in performing %},
            0 as {{ name }}
            {%- endfor %}
            {%- for name, expression in least.items() %},
            min({{ expression }}) as {{ name }}
            {%- endfor %}
        from {{ rows }}
        where diagnosed_patient_key is not null
        group by {{ keys | join(', ') }}
    ) as counted
    group by {{ keys | join(', ') }}
{%- endmacro %}

{# The measures of a site; zero for an account that is the site of nothing but only bills. #}
{% macro zero_without_site(sites) -%}
    {%- set types = {'procedures': 'decimal(18, 4)', 'sides': 'bigint', 'units': 'decimal(18, 3)', 'patients': 'bigint',
        'billed_usd': 'decimal(18, 2)', 'diagnosed_patients': 'bigint', 'total_usd': 'decimal(18, 2)',
        'addressable_usd': 'decimal(18, 2)', 'phantom_usd': 'decimal(18, 2)', 'unknown_usd': 'decimal(18, 2)'} -%}
    {%- for column, type in types.items() %}
    case when {{ sites }}.account_id is null then cast(0 as {{ type }}) else {{ sites }}.{{ column }} end as {{ column }},
    {%- endfor %}
    {{ sites }}.doses
{%- endmacro %}
