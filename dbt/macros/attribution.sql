{#
  Who performed, where, and who billed: a candidate per claim line, to be compared over the lines of a service. A candidate
  is one rank digit followed by the NPI, so that the least text is the best candidate, whatever the order of the lines.
  `line` has the billed NPIs and claim_type; `renderer`, `surgeon` (who operated) and `biller` are its NPIs' rows of
  int_providers__located, null where no directory knows them.
#}

{#
  The person: rendering, else operating, else billing. Never a group: an NPI that no directory knows is taken for a person,
  unless it is the NPI of the place; a billing NPI only if a directory says so. A professional claim knows better than the
  facility's who it was.
#}
{% macro person_candidate(line, renderer, surgeon, biller) -%}
    case
        when
            coalesce({{ renderer }}.entity_type_code, '1') = '1'
            and {{ line }}.rendering_npi <> coalesce({{ line }}.facility_npi, '')
            then case when {{ line }}.claim_type = 'professional' then '1' else '3' end || {{ line }}.rendering_npi
        {%- if surgeon %}
        when
            coalesce({{ surgeon }}.entity_type_code, '1') = '1'
            and {{ line }}.operating_npi <> coalesce({{ line }}.facility_npi, '')
            then case when {{ line }}.claim_type = 'professional' then '2' else '4' end || {{ line }}.operating_npi
        {%- endif %}
        when {{ line }}.claim_type = 'professional' and {{ biller }}.entity_type_code = '1'
            then '5' || {{ line }}.billing_npi
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

{#
  The organisation that billed the professional part; null on a facility's claim and where a person billed. An NPI that no
  directory knows is taken for an organisation, unless it is the one that rendered.
#}
{% macro billing_organisation(line, biller) -%}
    case
        when {{ line }}.claim_type = 'professional'
            and coalesce(
                {{ biller }}.entity_type_code,
                case when {{ line }}.billing_npi = {{ line }}.rendering_npi then '1' else '2' end
            ) = '2'
            then {{ line }}.billing_npi
    end
{%- endmacro %}

{# Who saw a patient, for lines of which only the diagnoses matter: the same people, without the assistants. #}
{% macro performer_candidate(line, renderer, biller) -%}
    case when not {{ line }}.is_assistant then {{ person_candidate(line, renderer, none, biller) }} end
{%- endmacro %}

{# Assistants at surgery. #}
{% macro is_assistant(modifiers) -%}
    {{ holds_any(modifiers, ['80', '81', '82', 'AS']) }}
{%- endmacro %}
