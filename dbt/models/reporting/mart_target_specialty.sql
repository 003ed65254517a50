-- Everyone of a specialty beside those of them who do what the product is for.
with performing as (
    select distinct
        product_id,
        npi
    from {{ ref('int_potential__by_provider') }}
    where involvements > 0
),

people as (
    select
        npi,
        coalesce(primary_taxonomy_code, 'unknown') as taxonomy_code,
        specialty
    from {{ ref('stg_directory__providers') }}
    where entity_type_code = '1'
)

select
    product.product_id,
    product.product_name,
    people.taxonomy_code,
    max(people.specialty) as specialty,
    cast(count(*) as bigint) as specialty_providers,
    cast(count(performing.npi) as bigint) as performing_providers,
    {{ share_of('count(performing.npi)', 'count(*)') }} as performing_share
from {{ ref('stg_config__products') }} as product
cross join people
left join performing on product.product_id = performing.product_id and people.npi = performing.npi
group by product.product_id, product.product_name, people.taxonomy_code
order by product.product_id, people.taxonomy_code
