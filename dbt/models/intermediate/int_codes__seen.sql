{#
  Every code that the data holds. Value sets are written out over these, so that services and diagnoses meet them by
  equality. Diagnoses come from all delivered lines: to read their lists alone costs less than to find the current ones.
#}
select distinct
    code_system,
    procedure_code as code
from {{ ref('int_services__deduplicated') }}

union

select distinct
    'hcpcs' as code_system,
    hcpcs_code as code
from {{ ref('stg_part_b__volumes') }}
where hcpcs_code is not null

union

select distinct
    'icd10cm' as code_system,
    code
from (
    select {{ explode('diagnosis_codes') }} as code
    from {{ ref('stg_claims__lines') }}
) as diagnoses
where code is not null
