-- The latest delivery of each annual volume. A source's later word about a year, provider, code and place of service
-- replaces its earlier one. Rows of one delivery stand side by side: where the source leaves the place of service out,
-- a provider's office volume and facility volume differ in nothing else.
select
    source,
    refresh_id,
    known_on,
    service_year,
    rendering_npi,
    substr(provider_zip, 1, 5) as provider_zip,
    hcpcs_code,
    place_of_service,
    beneficiaries,
    cast(services as decimal(18, 4)) as services,
    cast(average_payment_usd as decimal(18, 8)) as average_payment_usd
from {{ lake(source('raw', 'part_b_volume')) }}
qualify rank() over (
    partition by source, service_year, rendering_npi, provider_zip, hcpcs_code, place_of_service
    order by known_on desc, refresh_id desc
) = 1
