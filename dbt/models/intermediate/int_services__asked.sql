{#
  What a product's rule asks of the lines of a service: their modifiers, their places, their claims. Only lines of codes
  of products that ask are read, and, where a diagnosis may stand for a procedure, services on a claim with the diagnosis.
  A line belongs to all services of its patient, day and code. Lines are written out where they are joined, each after a
  condition on rules or listed codes, few rows that the engine looks at first: where no product asks, no line is read.
#}
{% set claims_are_asked = "'procedures_or_diagnoses' in (select combine from asking)" %}

with asked_codes as (
    select
        entry.product_id,
        entry.code_system,
        entry.code,
        entry.effective_from,
        entry.effective_to
    from {{ ref('int_value_sets__resolved') }} as entry
    inner join {{ ref('stg_config__value_set_rules') }} as rule on entry.product_id = rule.product_id
    where entry.code_system <> 'icd10cm' and rule.combine <> 'diagnoses' and (rule.is_asked_of_lines or rule.is_linked)
),

asking as (
    select *
    from {{ ref('stg_config__value_set_rules') }}
    where combine = 'procedures_or_diagnoses'
),

asked_claims as (
    select distinct
        diagnosis.product_id,
        diagnosis.patient_key,
        diagnosis.claim_key
    from {{ ref('int_diagnoses__matched') }} as diagnosis
    inner join asking as rule on diagnosis.product_id = rule.product_id
),

-- Services with a line on such a claim: all their lines are asked, those on other claims as well.
asked_services as (
    {%- for system in ['hcpcs', 'icd10pcs'] %}
    {{ 'union all' if not loop.first }}
    select distinct
        asked.product_id,
        '{{ system }}' as code_system,
        line.patient_key,
        line.service_date,
        line.code
    from ({{ coded_lines(system, claims_are_asked) }}) as line
    inner join asked_claims as asked
        on {{ row_key(['line.source', 'line.claim_id']) }} = asked.claim_key and line.patient_key = asked.patient_key
    where line.code is not null
    {%- endfor %}
),

lines as (
    {%- for system in ['hcpcs', 'icd10pcs'] %}
    {{ 'union all' if not loop.first }}
    select
        asked.product_id,
        asked.code_system,
        line.*
    from ({{ coded_lines(system, "'" ~ system ~ "' in (select code_system from asked_codes)") }}) as line
    inner join asked_codes as asked
        on
            line.code = asked.code
            and line.service_date >= asked.effective_from
            and line.service_date <= asked.effective_to
    where asked.code_system = '{{ system }}'

    union all

    select
        asked.product_id,
        asked.code_system,
        line.*
    from ({{ coded_lines(system, claims_are_asked) }}) as line
    inner join asked_services as asked
        on
            line.patient_key = asked.patient_key
            and line.service_date = asked.service_date
            and line.code = asked.code
    where asked.code_system = '{{ system }}'
    {%- endfor %}
)

select
    line.product_id,
    line.patient_key,
    line.service_date,
    line.code_system,
    line.code as procedure_code,
    case when rule.is_linked then {{ row_key(['line.source', 'line.claim_id']) }} end as claim_key,
    max(
        case
            when rule.modifiers_any is null or {{ lists_overlap('line.hcpcs_modifiers', 'rule.modifiers_any') }} then 1
            else 0
        end
    ) as has_modifier,
    max(case when {{ lists_overlap('line.hcpcs_modifiers', 'rule.modifiers_none') }} then 1 else 0 end)
        as has_barred_modifier,
    max(
        case
            when
                rule.places_of_service_any is null
                or array_contains(rule.places_of_service_any, line.place_of_service_code)
                then 1
            else 0
        end
    ) as has_place,
    max(case when array_contains(rule.places_of_service_none, line.place_of_service_code) then 1 else 0 end)
        as has_barred_place
from lines as line
inner join {{ ref('stg_config__value_set_rules') }} as rule on line.product_id = rule.product_id
group by
    line.product_id, line.patient_key, line.service_date, line.code_system, line.code,
    case when rule.is_linked then {{ row_key(['line.source', 'line.claim_id']) }} end
