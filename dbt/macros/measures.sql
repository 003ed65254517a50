{#
  The measures that every opportunity table shows, over rows of `int_opportunity__measured`. Patients are counted as
  distinct people where the source has lines; an annual source's beneficiaries are added up. Diagnosed patients are null
  where no source that has diagnoses took part.
#}
{% macro opportunity_measures() %}
    cast(coalesce(sum(procedures), 0) as decimal(18, 4)) as procedures,
    cast(count(distinct patient_token) + coalesce(sum(beneficiaries), 0) as bigint) as patients,
    {{ usd('coalesce(sum(billed_usd), 0)') }} as billed_usd,
    case when min(months_covered) = 1 then cast(count(distinct diagnosed_patient_token) as bigint) end
        as diagnosed_patients,
    {{ usd('coalesce(sum(total_usd), 0)') }} as total_usd,
    {{ usd('coalesce(sum(addressable_usd), 0)') }} as addressable_usd,
    {{ usd('coalesce(sum(phantom_usd), 0)') }} as phantom_usd,
    {{ usd('coalesce(sum(unknown_usd), 0)') }} as unknown_usd
{% endmacro %}

{# Distinct people or places behind the procedures of a group, those without a name not counted. #}
{% macro count_performing(column) -%}
    cast(count(distinct case when procedures > 0 and {{ column }} <> 'unattributed' then {{ column }} end) as bigint)
{%- endmacro %}
