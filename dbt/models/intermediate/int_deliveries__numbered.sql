{#
  The deliveries of claims of each source, one a calendar month: what several refreshes of a month brought is one delivery.
  `usual_step_months` is how many months lie between most deliveries of the source.
#}
with months as (
    select
        source,
        {{ month_of('known_on') }} as delivery_month,
        cast(min(refresh_order) as integer) as first_refresh_order,
        cast(max(refresh_order) as integer) as last_refresh_order
    from {{ ref('stg_landing__refreshes') }}
    where entity = 'medical_claim'
    group by source, {{ month_of('known_on') }}
),

numbered as (
    select
        months.*,
        cast(row_number() over (partition by source order by delivery_month) as integer) as delivery,
        lag(delivery_month) over (partition by source order by delivery_month) as earlier_month
    from months
),

stepped as (
    select
        numbered.*,
        cast({{ months_between('earlier_month', 'delivery_month') }} - 1 as integer) as step_months
    from numbered
),

usual as (
    select
        source,
        step_months
    from stepped
    where step_months is not null
    group by source, step_months
    qualify row_number() over (partition by source order by count(*) desc, step_months) = 1
)

select
    stepped.source,
    stepped.delivery,
    stepped.delivery_month,
    stepped.first_refresh_order,
    stepped.last_refresh_order,
    stepped.step_months,
    coalesce(usual.step_months, 1) as usual_step_months,
    stepped.delivery = max(stepped.delivery) over (partition by stepped.source) as is_last
from stepped
left join usual on stepped.source = usual.source
