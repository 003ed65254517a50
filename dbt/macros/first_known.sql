{#
  When we first knew of a service, and by what: one number, so that the earliest line of a service is a plain minimum
  (docs/methods/opportunity.md, section 1). A refresh has one source, so its order says the source as well.
#}

{# The refresh and the claim type of a line; a smaller number was known earlier. #}
{% macro telling(refresh_order, claim_type) -%}
    {{ refresh_order }} * 4 + case {{ claim_type }} when 'professional' then 1 when 'institutional' then 2 else 3 end
{%- endmacro %}

{# The refresh of such a number. #}
{% macro telling_order(number) -%}
    cast(floor({{ number }} / 4) as integer)
{%- endmacro %}

{# The claim type of such a number. #}
{% macro telling_claim_type(number) -%}
    case {{ number }} % 4 when 1 then 'professional' when 2 then 'institutional' else 'other' end
{%- endmacro %}
