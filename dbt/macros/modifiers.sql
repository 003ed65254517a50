{#
  What the modifiers of claim lines do to the counts (docs/methods/claims.md, section 2). Which modifier has which effect is
  data: config/modifier_rule.
#}

{# Effects in one step of SQL are numbers, because comparing texts of this length for all lines is slow. #}
{% macro effect_number_of(effect) -%}
    {%- set names = [
        'bilateral', 'left', 'right', 'repeat', 'co_surgeon', 'team', 'assistant', 'professional_component',
        'technical_component', 'discarded', 'discontinued_before', 'discontinued_after', 'surgical_care',
        'post_operative', 'pre_operative'
    ] -%}
    case {{ effect }}
        {%- for name in names %}
        when '{{ name }}' then {{ effect_number(name) }}
        {%- endfor %}
    end
{%- endmacro %}

{# The number of an effect; that of `several` stands for a line with more than one modifier. #}
{% macro effect_number(name) -%}
    {{ {
        'bilateral': 1, 'left': 2, 'right': 3, 'repeat': 4, 'co_surgeon': 5, 'team': 6, 'assistant': 7,
        'professional_component': 8, 'technical_component': 9, 'discarded': 10, 'discontinued_before': 11,
        'discontinued_after': 12, 'surgical_care': 13, 'post_operative': 14, 'pre_operative': 15, 'several': 99
    }[name] }}
{%- endmacro %}

{# Such numbers as a list, for `in`. #}
{% macro effect_numbers(names) -%}
    ({%- for name in names %}{{ effect_number(name) }}{{ ', ' if not loop.last }}{% endfor -%})
{%- endmacro %}

{# Care around a service that is none itself. #}
{% macro effects_without_service() -%}
    {{ effect_numbers(['post_operative', 'pre_operative', 'discontinued_before', 'discarded']) }}
{%- endmacro %}

{#
  Of `lines` (rows of int_claims__attributed) those of some services (`keys`: patient_key, service_date, code_system, procedure_code), each with what its modifiers
  say and with its occurrence: 0, or the n-th repeat of the day. Repeats are numbered within a source, a type of claim and a
  role, by person and claim, so that the n-th of the surgeon and the n-th of the hospital meet; a denied repeat and the one
  that was billed again for it meet as well.
#}
{% macro detailed_lines(lines, keys) -%}
    {%- set flags = {
        'is_bilateral': ['bilateral'], 'is_left': ['left'], 'is_right': ['right'], 'is_repeat': ['repeat'],
        'is_co_surgeon': ['co_surgeon'], 'is_team': ['team'], 'is_assistant': ['assistant'],
        'is_professional_part': ['professional_component'], 'is_technical_part': ['technical_component'],
        'is_discarded': ['discarded'], 'is_discontinued': ['discontinued_before', 'discontinued_after'],
        'is_no_service': ['post_operative', 'pre_operative', 'discontinued_before', 'discarded'],
        'is_explained': ['co_surgeon', 'team', 'assistant', 'post_operative', 'pre_operative',
            'professional_component', 'technical_component']
    } -%}
    select
        detailed.*,
        not detailed.is_assistant and not detailed.is_no_service as is_operating,
        case
            when detailed.is_repeat
                then row_number() over (
                    partition by
                        detailed.patient_key, detailed.service_date, detailed.code_system, detailed.procedure_code,
                        detailed.source, detailed.claim_type, detailed.is_denied, detailed.is_repeat,
                        detailed.is_assistant, detailed.is_professional_part, detailed.is_technical_part
                    order by detailed.person_candidate, detailed.claim_id, detailed.claim_line_number
                )
            else 0
        end as occurrence
    from (
        select
            line.*
            {%- for flag, effects in flags.items() %},
            case
                when line.effect_number = {{ effect_number('several') }}
                    then {{ lists_overlap('line.hcpcs_modifiers', 'meaning.' ~ flag) }}
                else coalesce(line.effect_number in {{ effect_numbers(effects) }}, false)
            end as {{ flag }}
            {%- endfor %}
        from {{ lines }} as line
        inner join {{ keys }} as wanted
            on
                line.patient_key = wanted.patient_key
                and line.service_date = wanted.service_date
                and line.code_system = wanted.code_system
                and line.procedure_code = wanted.procedure_code
        cross join (
            select
                {%- for flag, effects in flags.items() %}
                array_agg(modifier) filter (where effect in ('{{ effects | join("', '") }}')) as {{ flag }}
                {{- ',' if not loop.last }}
                {%- endfor %}
            from {{ ref('stg_config__modifier_rules') }}
        ) as meaning
    ) as detailed
{%- endmacro %}
