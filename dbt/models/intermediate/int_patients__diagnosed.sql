{#
  Who was seen with a diagnosis of a product, by whom, where, in which month: one row per patient and place, however
  many lines or codes said so. Codes of another code system than ICD-10-CM are not compared.
#}
with diagnoses as (
    select
        patient_key,
        service_date,
        claim_type,
        rendering_npi,
        billing_npi,
        facility_npi,
        {{ is_assistant('hcpcs_modifiers') }} as is_assistant,
        {{ explode('diagnosis_codes') }} as code
    from {{ ref('int_claims__current') }}
    where
        service_date is not null
        and patient_key is not null
        and coalesce(lower(diagnosis_code_type), 'icd-10-cm') not in ('icd-9-cm', 'icd9cm', 'icd-9', 'icd9', '9')
),

matched as (
    select
        entry.product_id,
        diagnosis.patient_key,
        {{ month_of('diagnosis.service_date') }} as service_month,
        diagnosis.claim_type,
        diagnosis.rendering_npi,
        diagnosis.billing_npi,
        diagnosis.facility_npi,
        diagnosis.is_assistant,
        'global' as component
    from diagnoses as diagnosis
    inner join {{ ref('int_value_sets__resolved') }} as entry
        on
            diagnosis.code = entry.code
            and diagnosis.service_date >= entry.effective_from
            and diagnosis.service_date <= entry.effective_to
    where entry.code_system = 'icd10cm'
),

attributed as (
    select distinct
        line.product_id,
        line.patient_key,
        line.service_month,
        coalesce(substr({{ performer_candidate('line', 'renderer', 'biller') }}, 2), 'unattributed') as npi,
        coalesce(substr({{ site_candidate('line', 'biller') }}, 2), 'unattributed') as account_id
    from matched as line
    left join {{ ref('int_providers__located') }} as renderer on line.rendering_npi = renderer.npi
    left join {{ ref('int_providers__located') }} as biller on line.billing_npi = biller.npi
)

select
    attributed.product_id,
    attributed.patient_key,
    attributed.service_month,
    attributed.npi,
    attributed.account_id,
    coalesce(place.unit_id, 'unlocated') as unit_id
from attributed
left join {{ ref('int_providers__located') }} as place on attributed.account_id = place.npi
