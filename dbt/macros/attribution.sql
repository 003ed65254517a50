{#
  Who performed, and where: a candidate per claim line, to be compared over the lines of a service. A candidate is one
  rank digit followed by the NPI, so that the least text is the best candidate, whatever the order of the lines.
  `line` has the billed NPIs, claim_type, is_assistant and component; `renderer` and `biller` are its NPIs' rows of
  int_providers__located, null where no directory knows them.
#}

{#
  The performer is a person, never a group and never an assistant. A rendering NPI that no directory knows is taken for
  a person, unless it is the NPI of the place; a billing NPI only if a directory says so.
#}
{% macro performer_candidate(line, renderer, biller) -%}
    case
        when {{ line }}.is_assistant then null
        when
            coalesce({{ renderer }}.entity_type_code, '1') = '1'
            and {{ line }}.rendering_npi <> coalesce({{ line }}.facility_npi, '')
            then
                case
                    when {{ line }}.claim_type <> 'professional' then '3'
                    when {{ line }}.component = 'technical' then '2'
                    else '1'
                end || {{ line }}.rendering_npi
        when {{ line }}.claim_type = 'professional' and {{ biller }}.entity_type_code = '1'
            then '4' || {{ line }}.billing_npi
    end
{%- endmacro %}

{# The site is the facility, else the organisation that billed, else whoever rendered or billed. #}
{% macro site_candidate(line, biller) -%}
    case
        when {{ line }}.facility_npi is not null then '1' || {{ line }}.facility_npi
        when {{ line }}.billing_npi is not null and coalesce({{ biller }}.entity_type_code, '2') = '2'
            then '2' || {{ line }}.billing_npi
        else '3' || coalesce({{ line }}.rendering_npi, {{ line }}.billing_npi)
    end
{%- endmacro %}

{# Assistants at surgery. #}
{% macro is_assistant(modifiers) -%}
    {{ holds_any(modifiers, ['80', '81', '82', 'AS']) }}
{%- endmacro %}
