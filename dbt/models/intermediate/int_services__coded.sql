-- Services whose code a product lists on their day, before the product's rule is asked. A view: two models read it,
-- each few of its columns.
{{ config(materialized='view') }}

select
    entry.product_id,
    {%- for column in columns_of_services() %}
    service.{{ column }},
    {%- endfor %}
    entry.code_weight
from {{ ref('int_services__deduplicated') }} as service
inner join {{ ref('int_value_sets__resolved') }} as entry
    on
        service.procedure_code = entry.code
        and service.code_system = entry.code_system
        and service.service_date >= entry.effective_from
        and service.service_date <= entry.effective_to
