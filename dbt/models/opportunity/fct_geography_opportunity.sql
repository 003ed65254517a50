select
    product_id,
    unit_id,
    service_month,
    cast(months_covered as bigint) as months_covered,
    {{ opportunity_measures() }},
    {{ count_performing('npi') }} as providers,
    months_covered = 1 as is_patients_additive
from {{ ref('int_opportunity__measured') }}
group by product_id, unit_id, service_month, months_covered
