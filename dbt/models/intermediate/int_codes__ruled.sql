-- The counting rule of each delivered code: its own before that of a prefix, a longer prefix before a shorter one.
with known as (
    select distinct
        'hcpcs' as code_system,
        hcpcs_code as code
    from {{ ref('stg_claims__lines') }}
    where hcpcs_code is not null

    union

    select distinct
        'icd10pcs' as code_system,
        code
    from (
        select {{ explode('icd10pcs_codes') }} as code
        from {{ ref('stg_claims__lines') }}
        where claim_type = 'institutional'
    ) as inpatient
    where code is not null
)

select
    known.code_system,
    known.code,
    rule.unit_kind,
    rule.dose_per_unit,
    rule.max_units,
    rule.is_two_sided,
    rule.is_add_on
from known
inner join {{ ref('stg_config__code_rules') }} as rule
    on
        known.code_system = rule.code_system
        and (
            known.code = rule.code
            or (rule.match_kind = 'prefix' and substr(known.code, 1, length(rule.code)) = rule.code)
        )
qualify row_number() over (
    partition by known.code_system, known.code
    order by case when rule.match_kind = 'exact' then 0 else 1 end, length(rule.code) desc
) = 1
