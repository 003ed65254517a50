-- The latest known row of each provider, over all directory sources; a row that only deactivates changes nothing else.
select
    npi,
    entity_type_code,
    provider_name,
    primary_taxonomy_code,
    specialty,
    practice_city,
    practice_state,
    practice_zip,
    is_practice_po_box,
    first_value(deactivation_date) over (partition by npi order by refresh_order desc) as deactivation_date,
    known_on
from {{ ref('stg_directory__provider_rows') }}
qualify row_number() over (partition by npi order by case when is_bare then 1 else 0 end, refresh_order desc) = 1
