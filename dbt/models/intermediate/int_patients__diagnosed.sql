{#
  Who was seen with a diagnosis of a product, by whom, where, in which month: one row per patient and place, however
  many lines or codes said so. Codes of another code system than ICD-10-CM are not compared.
#}
with diagnoses as (
    select
        patient_token,
        service_date,
        performer_candidate,
        site_candidate,
        {{ explode('diagnosis_codes') }} as code
    from {{ ref('int_claims__attributed') }}
    where coalesce(lower(diagnosis_code_type), 'icd-10-cm') not in ('icd-9-cm', 'icd9cm', 'icd-9', 'icd9', '9')
),

matched as (
    select distinct
        entry.product_id,
        diagnosis.patient_token,
        {{ month_of('diagnosis.service_date') }} as service_month,
        coalesce(substr(diagnosis.performer_candidate, 2), 'unattributed') as npi,
        coalesce(substr(diagnosis.site_candidate, 2), 'unattributed') as account_id
    from diagnoses as diagnosis
    inner join {{ ref('int_value_sets__resolved') }} as entry
        on
            diagnosis.code = entry.code
            and diagnosis.service_date >= entry.effective_from
            and diagnosis.service_date <= entry.effective_to
    where entry.code_system = 'icd10cm'
)

select
    matched.product_id,
    matched.patient_token,
    matched.service_month,
    matched.npi,
    matched.account_id,
    coalesce(place.unit_id, 'unlocated') as unit_id
from matched
left join {{ ref('int_providers__located') }} as place on matched.account_id = place.npi
