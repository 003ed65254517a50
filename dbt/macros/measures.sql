{#
  The measures that every opportunity table shows, per `keys`, over rows of `int_opportunity__measured`. Diagnosed patients
  are null where no source that has diagnoses took part.

  Patients are distinct people where the source has lines: they do not add up, so they are counted apart (`patients_by`)
  and taken from `people` by the key of the group, whose columns are `counted_by`. An annual source's beneficiaries are
  added up. Sides are null where only annual volumes took part, doses where nothing is dosed. `performing` maps a name to
  the column whose distinct values with credit for procedures are counted, those without a name not among them; `least`
  maps a name to an expression of which the least is shown.
#}
{% macro opportunity_by(rows, people, keys, counted_by, performing={}, least={}) -%}
    {%- set counts = {'procedures': 'decimal(18, 4)', 'involvements': 'decimal(18, 4)', 'sides': 'bigint',
        'units': 'decimal(18, 3)', 'doses': 'decimal(18, 4)'} -%}
    {%- set sums = ['billed_usd', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
    select
        {%- for column in keys + counts.keys() | list + sums + performing.keys() | list + least.keys() | list %}
        summed.{{ column }},
        {%- endfor %}
        cast(summed.beneficiaries + coalesce(people.patients, 0) as bigint) as patients,
        case when summed.source_months = 1 then cast(coalesce(people.diagnosed_patients, 0) as bigint) end
            as diagnosed_patients
    from (
        select
            {{ keys | join(', ') }},
            min(months_covered) as source_months,
            coalesce(sum(beneficiaries), 0) as beneficiaries
            {%- for column, type in counts.items() %},
            cast(sum({{ column }}) as {{ type }}) as {{ column }}
            {%- endfor %}
            {%- for column in sums %},
            {{ usd('sum(' ~ column ~ ')') }} as {{ column }}
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
        group by {{ keys | join(', ') }}
    ) as summed
    left join {{ people }} as people
        -- One comparison: with a second condition, on `summed` alone, DuckDB compares nearly all pairs.
        on case when summed.source_months = 1 then {{ group_key(counted_by, 'summed') }} end = people.group_key
{%- endmacro %}

{#
  Distinct patients, and distinct diagnosed patients, of each group of each grouping (a list of columns), from rows of
  `int_opportunity__people`: each kind by itself, so that neither is carried through the count of the other. A group is
  named by a 64-bit key: to group by it, instead of by four columns of text, takes a third of the time.
#}
{% macro patients_by(rows, groupings) -%}
    {%- set kinds = {'patients': 'patient_key', 'diagnosed_patients': 'diagnosed_patient_key'} -%}
    select
        group_key,
        {%- for name in kinds %}
        cast(sum({{ name }}) as bigint) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {%- for name, person in kinds.items() %}
        {{ 'union all' if not loop.first }}
        select
            coalesce({% for _ in groupings %}key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}) as group_key,
            {%- for other in kinds %}
            {{ 'count(distinct person)' if other == name else 0 }} as {{ other }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                {%- for columns in groupings %}
                {{ group_key(columns) }} as key_{{ loop.index }},
                {%- endfor %}
                {{ person }} as person
            from {{ rows }}
            where {{ person }} is not null
        ) as keyed
        group by grouping sets ({% for _ in groupings %}(key_{{ loop.index }}){{ ', ' if not loop.last }}{% endfor %})
        {%- endfor %}
    ) as counted
    group by group_key
{%- endmacro %}

{# The key of a group of patients. The names of the columns are part of it: a unit is no state. #}
{% macro group_key(columns, relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set parts = ["'" ~ columns | join(' ') ~ "'"] -%}
    {%- for column in columns -%}
        {%- do parts.append(prefix ~ column) -%}
    {%- endfor -%}
    {{ row_key(parts) }}
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

{# The levels of areas by month, with the column of `stg_geography__zips` that names the area. #}
{% macro area_levels() -%}
    {{ return({'zcta': 'zcta', 'county': 'county_fips', 'cbsa': 'cbsa_code', 'state': 'state'}) }}
{%- endmacro %}
