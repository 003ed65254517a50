{#
  What trends are measured on: procedures by month, with the source and payer channel whose money counts, so that a panel
  can be held constant, and the part of them on weekends. Products of diagnoses have patient-months instead, which no
  source or day is kept for.
#}
with procedures as (
    select
        matched.product_id,
        matched.npi,
        matched.account_id,
        service.source,
        matched.payer_channel,
        matched.service_month,
        matched.procedures,
        -- 1 January 1900 was a Monday.
        case
            when
                mod({{ dbt.datediff("cast('1900-01-01' as date)", 'matched.service_date', 'day') }}, 7) in (5, 6)
                then matched.procedures
            else 0
        end as weekend_procedures
    from {{ ref('int_services__matched') }} as matched
    inner join {{ ref('int_services__deduplicated') }} as service on matched.service_id = service.service_id
    where matched.procedures > 0

    union all

    select
        product_id,
        npi,
        account_id,
        'all' as source,
        'unknown' as payer_channel,
        service_month,
        cast(1 as decimal(18, 4)) as procedures,
        0 as weekend_procedures
    from {{ ref('int_volumes__diagnosed') }}
)

select
    volume.product_id,
    volume.npi,
    coalesce(place.unit_id, 'unlocated') as unit_id,
    coalesce(site.health_system_id, 'none') as health_system_id,
    volume.source,
    volume.payer_channel,
    volume.service_month,
    sum(cast(volume.procedures as decimal(18, 4))) as procedures,
    sum(cast(volume.weekend_procedures as decimal(18, 4))) as weekend_procedures
from procedures as volume
left join {{ ref('int_providers__located') }} as site on volume.account_id = site.npi
left join {{ ref('int_accounts__placed') }} as place
    on
        volume.account_id = place.npi
        and volume.service_month >= place.from_month
        and volume.service_month < place.to_month
group by
    volume.product_id,
    volume.npi,
    coalesce(place.unit_id, 'unlocated'),
    coalesce(site.health_system_id, 'none'),
    volume.source,
    volume.payer_channel,
    volume.service_month
