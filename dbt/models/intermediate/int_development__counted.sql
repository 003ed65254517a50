{#
  The development triangles (docs/methods/opportunity.md, section 1): services of a month that count today, by how many
  of them each delivery had told of. One pass over all services; everything after it is small.

  1. told:      services by the refresh of their first knowledge
  2. triangles: source, claim type and payer channel, with the delivery that brought their first services: its history came
                at once, and is where the months start
  3. filled:    every month at every delivery from there on, with nothing new where nothing came
#}
{% set oldest_age = 60 %}

with told as (
    select
        first_known_source as source,
        first_known_claim_type as claim_type,
        payer_channel,
        {{ month_of('service_date') }} as service_month,
        first_known_order,
        count(*) as services,
        bit_or({{ person_bit('patient_key') }}) as people_bits
    from {{ ref('int_services__deduplicated') }}
    where procedures > 0
    group by
        first_known_source, first_known_claim_type, payer_channel, {{ month_of('service_date') }}, first_known_order
),

news as (
    select
        told.source,
        told.claim_type,
        told.payer_channel,
        told.service_month,
        delivery.delivery,
        sum(told.services) as services,
        bit_or(told.people_bits) as people_bits
    from told
    inner join {{ ref('int_deliveries__numbered') }} as delivery
        on
            told.source = delivery.source
            and told.first_known_order >= delivery.first_refresh_order
            and told.first_known_order <= delivery.last_refresh_order
    group by told.source, told.claim_type, told.payer_channel, told.service_month, delivery.delivery
),

triangles as (
    select
        source,
        claim_type,
        payer_channel,
        min(delivery) as first_delivery
    from news
    group by source, claim_type, payer_channel
),

months as (
    select distinct
        source,
        service_month
    from news
),

filled as (
    select
        triangle.source,
        triangle.claim_type,
        triangle.payer_channel,
        month.service_month,
        delivery.delivery,
        delivery.delivery_month,
        delivery.step_months,
        delivery.usual_step_months,
        delivery.is_last,
        delivery.delivery = triangle.first_delivery as is_start,
        cast({{ months_between('month.service_month', 'delivery.delivery_month') }} - 2 as integer) as age_months,
        coalesce(news.services, 0) as services,
        coalesce(news.people_bits, 0) as people_bits
    from triangles as triangle
    inner join months as month on triangle.source = month.source
    inner join {{ ref('int_deliveries__numbered') }} as delivery
        on triangle.source = delivery.source and triangle.first_delivery <= delivery.delivery
    left join news
        on
            triangle.source = news.source
            and triangle.claim_type = news.claim_type
            and triangle.payer_channel = news.payer_channel
            and month.service_month = news.service_month
            and delivery.delivery = news.delivery
),

known as (
    select
        source,
        claim_type,
        payer_channel,
        service_month,
        delivery,
        delivery_month,
        step_months,
        usual_step_months,
        is_last,
        is_start,
        age_months,
        sum(services) over triangle_month as services,
        sum(services) over triangle_month - services as earlier_services,
        bit_or(people_bits) over triangle_month as people_bits
    from filled
    window
        triangle_month as (
            partition by source, claim_type, payer_channel, service_month
            order by delivery
            rows between unbounded preceding and current row
        )
)

select
    source,
    claim_type,
    payer_channel,
    service_month,
    delivery,
    delivery_month,
    age_months,
    is_last,
    cast(services as bigint) as services,
    cast(case when not is_start and age_months >= step_months then age_months - step_months end as integer)
        as earlier_age_months,
    cast(case when not is_start and age_months >= step_months then earlier_services end as bigint) as earlier_services,
    not is_start and age_months >= step_months and step_months = usual_step_months as is_usual_step,
    cast(usual_step_months as integer) as usual_step_months,
    cast(bit_count(people_bits) as bigint) as people_at_least
from known
where age_months between 0 and {{ oldest_age }}
