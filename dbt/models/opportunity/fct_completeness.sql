{#
  How much of each product's volume is known: per payer channel and over all of them, by month. Only line sources: an annual
  volume is whole when it comes.
#}
with cells as (
    select
        product_id,
        payer_channel,
        service_month,
        state,
        source,
        claim_type,
        {{ projection_sums() }},
        bit_or(people_bits) as people_bits
    from {{ ref('int_opportunity__projected') }}
    where months_covered = 1
    group by product_id, payer_channel, service_month, state, source, claim_type
),

by_channel as (
    {{ projection_by('cells', ['product_id', 'payer_channel', 'service_month']) }}
),

by_product as (
    {{ projection_by('cells', ['product_id', 'service_month']) }}
),

people as (
    select
        product_id,
        payer_channel,
        service_month,
        bit_or(people_bits) as people_bits
    from cells
    group by product_id, payer_channel, service_month
),

people_of_product as (
    select
        product_id,
        service_month,
        bit_or(people_bits) as people_bits
    from people
    group by product_id, service_month
),

deliveries as (
    select max(delivery_month) as last_month
    from {{ ref('int_deliveries__numbered') }}
),

{% set columns = [
    'captured_procedures', 'projected_procedures', 'projection_factor', 'completeness_share', 'capture_share',
    'is_completion_known', 'is_capture_given', 'projected_low', 'projected_high'
] -%}

together as (
    select
        by_channel.product_id,
        by_channel.payer_channel,
        by_channel.service_month,
        {%- for column in columns %}
        by_channel.{{ column }},
        {%- endfor %}
        people.people_bits
    from by_channel
    inner join people
        on
            by_channel.product_id = people.product_id
            and by_channel.payer_channel = people.payer_channel
            and by_channel.service_month = people.service_month

    union all

    select
        by_product.product_id,
        'all' as payer_channel,
        by_product.service_month,
        {%- for column in columns %}
        by_product.{{ column }},
        {%- endfor %}
        of_product.people_bits
    from by_product
    inner join people_of_product as of_product
        on by_product.product_id = of_product.product_id and by_product.service_month = of_product.service_month
)

select
    together.product_id,
    together.payer_channel,
    together.service_month,
    {%- for column in columns %}
    together.{{ column }},
    {%- endfor %}
    together.completeness_share >= setting.completion_floor_share
    and together.is_completion_known
    and {{ add_months('together.service_month', 1) }} <= deliveries.last_month as is_mature,
    cast(bit_count(together.people_bits) as bigint) as people_at_least
from together
cross join {{ ref('stg_config__settings') }} as setting
cross join deliveries
order by product_id, payer_channel, service_month
