{#
  Who saw a patient before whom (docs/methods/opportunity.md, section 7): A saw him, and 1 to referral_window_days days
  later B performed a product's procedure on him in the planning year; or a claim of B's names A as referring. A and B are
  different people, never organisations.

  "Saw" is a visit with a diagnosis of the product that is no rule-out: a flu shot or an X-ray is no referral. A product
  that lists no diagnosis takes any service of a person instead. The day itself is left out, because who is there on it
  (anaesthetist, assistant, radiologist) works with B and sends him nobody.

  Only patients with a procedure are looked at, on the few columns of what is already matched.
#}
{% set seen_before %}
    visit.service_date < performed.service_date
    and visit.service_date >= performed.window_date
    and visit.npi <> performed.npi
{% endset %}

with organisations as (
    select npi
    from {{ ref('int_providers__located') }}
    where entity_type_code = '2'
),

performed as (
    select
        service.product_id,
        service.patient_key,
        service.npi,
        service.service_date,
        -- Known before the join, so that pairs outside the window are never made.
        {{ add_days('service.service_date', '-min(settings.referral_window_days)') }} as window_date,
        cast(sum(service.procedures) as decimal(18, 4)) as procedures
    from {{ ref('int_services__matched') }} as service
    inner join {{ ref('int_months__planned') }} as planned
        on
            planned.source_kind = 'lines'
            and service.service_month >= planned.first_month
            and service.service_month <= planned.last_month
    cross join {{ ref('stg_config__settings') }} as settings
    where service.procedures > 0 and service.npi <> 'unattributed'
    group by service.product_id, service.patient_key, service.npi, service.service_date
),

diagnosed as (
    select distinct product_id
    from {{ ref('int_value_sets__resolved') }}
    where code_system = 'icd10cm'
),

by_diagnosis as (
    select distinct
        performed.product_id,
        performed.patient_key,
        visit.npi as from_npi,
        performed.npi as to_npi,
        performed.service_date,
        performed.procedures
    from performed
    inner join {{ ref('int_diagnoses__matched') }} as visit
        on
            performed.product_id = visit.product_id
            and performed.patient_key = visit.patient_key
            and {{ seen_before }}
    where not visit.is_rule_out and visit.npi <> 'unattributed'
),

undiagnosed as (
    select *
    from performed
    where product_id not in (select product_id from diagnosed)
),

services as (
    select
        patient_key,
        service_date,
        performing_npi as npi
    from {{ ref('int_services__deduplicated') }}
    where performing_npi is not null and patient_key in (select patient_key from undiagnosed)
),

by_service as (
    select distinct
        performed.product_id,
        performed.patient_key,
        visit.npi as from_npi,
        performed.npi as to_npi,
        performed.service_date,
        performed.procedures
    from undiagnosed as performed
    inner join services as visit on performed.patient_key = visit.patient_key and {{ seen_before }}
),

-- What claims say, whether or not the visit itself was delivered.
by_name as (
    select distinct
        performed.product_id,
        performed.patient_key,
        referred.referring_npi as from_npi,
        performed.npi as to_npi,
        performed.service_date,
        performed.procedures
    from performed
    inner join {{ ref('int_services__matched') }} as service
        on
            performed.product_id = service.product_id
            and performed.patient_key = service.patient_key
            and performed.npi = service.npi
            and performed.service_date = service.service_date
    inner join {{ ref('int_claims__referred') }} as referred
        on
            service.patient_key = referred.patient_key
            and service.service_date = referred.service_date
            and service.procedure_code = referred.procedure_code
    where service.procedures > 0 and service.code_system = 'hcpcs' and referred.referring_npi <> performed.npi
),

pairs as (
    {% for name, is_named in [('by_diagnosis', 0), ('by_service', 0), ('by_name', 1)] -%}
    select
        *,
        {{ is_named }} as is_named
    from {{ name }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    product_id,
    patient_key,
    from_npi,
    to_npi,
    service_date,
    min(procedures) as procedures,
    max(is_named) = 1 as is_named
from pairs
where from_npi not in (select npi from organisations) and to_npi not in (select npi from organisations)
group by product_id, patient_key, from_npi, to_npi, service_date
