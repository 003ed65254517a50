-- The latest known row of each provider, over all directory sources.
select
    npi,
    entity_type_code,
    provider_name,
    primary_taxonomy_code,
    specialty,
    practice_city,
    practice_state,
    substr(practice_zip, 1, 5) as practice_zip,
    deactivation_date,
    known_on
from {{ lake(source('raw', 'provider')) }}
qualify row_number() over (
    partition by npi
    order by known_on desc, refresh_id desc, source desc, practice_zip desc, file_sha256 desc, row_number desc
) = 1
