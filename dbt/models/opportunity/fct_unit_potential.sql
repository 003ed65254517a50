select
    product_id,
    geography_id as unit_id,
    procedures,
    sides,
    units,
    doses,
    patients,
    diagnosed_patients,
    billed_usd,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    accounts,
    providers,
    first_month,
    last_month,
    months_covered
from {{ ref('int_potential__by_geography') }}
where geography_level = 'unit'
