{# Who is reached, beside what (macros/money.sql has the split of dollars). #}

{# A performing person; null where only an organisation is known. Rows of `int_access__performed` have credit or dollars. #}
{% macro surgeon(npi) -%}
    case when {{ npi }} <> 'unattributed' then {{ npi }} end
{%- endmacro %}

{#
  What a surgeon's sites come to: addressable (all of them open), locked_out (nothing can be sold at any, and why is known),
  unknown (nothing can be sold at any, as far as is known), partly (some of it). `where_open` is his work where something
  can be sold, `phantom` and `unknown` whether he works behind closed doors, or where access is not known; all 0 or 1.
#}
{% macro access_class(where_open, phantom, unknown) -%}
    case
        when {{ where_open }} = 1 and {{ phantom }} = 0 and {{ unknown }} = 0 then 'addressable'
        when {{ where_open }} = 1 then 'partly'
        when {{ unknown }} = 0 then 'locked_out'
        else 'unknown'
    end
{%- endmacro %}

{#
  Referral between units as the plan has them: rows of weight, territory_a and territory_b, null where a unit has no
  territory. What lies within one territory is retained.
#}
{% macro assigned_referral() -%}
    select
        flow.weight,
        one.territory_id as territory_a,
        other.territory_id as territory_b
    from {{ ref('fct_unit_referral') }} as flow
    left join {{ ref('stg_territories__unit_assignments') }} as one on flow.unit_a = one.unit_id
    left join {{ ref('stg_territories__unit_assignments') }} as other on flow.unit_b = other.unit_id
{%- endmacro %}
