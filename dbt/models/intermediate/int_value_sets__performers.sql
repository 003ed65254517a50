-- Who may perform for a product that asks for a taxonomy: everyone whose primary taxonomy begins as one that it names.
select distinct
    asked.product_id,
    provider.npi
from (
    select
        product_id,
        {{ explode('taxonomies_any') }} as taxonomy
    from {{ ref('stg_config__value_set_rules') }}
) as asked
inner join {{ ref('stg_directory__providers') }} as provider
    on substr(provider.primary_taxonomy_code, 1, length(asked.taxonomy)) = asked.taxonomy
