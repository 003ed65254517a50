-- Who was treated or seen where: what distinct patients are counted from. A view, read once for all months and once for
-- the planning year.
{{ config(materialized='view') }}

with people as (
    select
        product_id,
        npi,
        account_id,
        service_month,
        patient_key,
        cast(null as {{ key_type() }}) as diagnosed_patient_key
    from {{ ref('int_services__matched') }}
    where procedures > 0

    union all

    select
        service.product_id,
        shared.npi,
        service.account_id,
        service.service_month,
        service.patient_key,
        cast(null as {{ key_type() }}) as diagnosed_patient_key
    from {{ ref('int_services__matched') }} as service
    inner join {{ ref('int_opportunity__shared') }} as shared
        on service.service_id = shared.service_id and service.product_id = shared.product_id

    union all

    select
        product_id,
        npi,
        account_id,
        service_month,
        cast(null as {{ key_type() }}) as patient_key,
        patient_key as diagnosed_patient_key
    from {{ ref('int_patients__diagnosed') }}
)

select
    people.*,
    coalesce(place.unit_id, 'unlocated') as unit_id
from people
left join {{ ref('int_accounts__placed') }} as place
    on
        people.account_id = place.npi
        and people.service_month >= place.from_month
        and people.service_month < place.to_month
