{#
  The measures that every opportunity table shows, per `keys`, over rows of `int_opportunity__measured`. Patients are
  counted as distinct people where the source has lines; an annual source's beneficiaries are added up. Diagnosed
  patients are null where no source that has diagnoses took part.

  Volumes and diagnoses are counted apart and then put side by side: neither has to carry the other's rows through a
  count of distinct people. `performing` maps a name to the column whose distinct values with procedures are counted,
  those without a name not among them; `least` maps a name to an expression of which the least is shown.
#}
{% macro opportunity_by(rows, keys, performing={}, least={}) -%}
    {%- set sums = ['billed_usd', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
    select
        {{ keys | join(', ') }},
        cast(sum(procedures) as decimal(18, 4)) as procedures,
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
            cast(coalesce(sum(procedures), 0) as decimal(18, 4)) as procedures,
            count(distinct patient_key) + coalesce(sum(beneficiaries), 0) as patients,
            0 as diagnosed_patients
            {%- for column in sums %},
            {{ usd('coalesce(sum(' ~ column ~ '), 0)') }} as {{ column }}
            {%- endfor %}
            {%- for name, column in performing.items() %},
            count(distinct case when procedures > 0 and {{ column }} <> 'unattributed' then {{ column }} end) as {{ name }}
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
            cast(0 as decimal(18, 4)) as procedures,
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
