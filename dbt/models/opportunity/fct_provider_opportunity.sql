select
    product_id,
    npi,
    unit_id,
    service_month,
    cast(months_covered as bigint) as months_covered,
    {{ opportunity_measures() }},
    months_covered = 1 as is_patients_additive
from {{ ref('int_opportunity__measured') }}
group by product_id, npi, unit_id, service_month, months_covered
