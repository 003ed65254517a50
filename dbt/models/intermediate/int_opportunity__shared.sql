-- What the people beside the performer have of the procedures of a product's service (int_services__involved).
{{ config(materialized='view') }}

select
    service.service_id,
    service.product_id,
    person.npi,
    cast(service.procedures * person.involvement as decimal(18, 4)) as involvements
from {{ ref('int_services__matched') }} as service
inner join {{ ref('int_services__involved') }} as person on service.service_id = person.service_id
where person.involvement > 0 and service.procedures > 0
