{#
  What trends are measured on: procedures by month, with the source and payer channel whose money counts, so that a panel
  can be held constant, and the part of them on weekends. Products of diagnoses have patient-months instead, which no
  source or day is kept for.
#}
with procedures as (
    select
        product_id,
        npi,
        account_id,
        source,
        payer_channel,
        service_month,
        procedures,
        weekend_procedures
    from {{ ref('int_opportunity__services') }}

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
