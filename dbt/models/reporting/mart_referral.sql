{#
  Who sends patients to whom, as far as it may be shown: pairs with at least as many shared patients as the threshold,
  rounded to two thresholds. A pair is left out where the performer has no shown cell of the product, because that he has so many
  patients says something of a cell that is withheld; and where either of the two opted out.
#}
with performers as (
    select
        product_id,
        npi
    from {{ ref('mart_provider_opportunity') }}
    group by product_id, npi
    having max(case when is_suppressed or is_held_back then 1 else 0 end) = 0
)

select
    edge.product_id,
    product.product_name,
    edge.from_npi,
    sender.provider_name as from_name,
    sender.specialty as from_specialty,
    edge.from_unit_id,
    edge.to_npi,
    performer.provider_name as to_name,
    performer.specialty as to_specialty,
    edge.to_unit_id,
    cast({{ rounded_to('edge.shared_patients', 'steps.procedure_step') }} as bigint) as shared_patients,
    settings.referral_window_days
from {{ ref('fct_referral_edge') }} as edge
inner join performers on edge.product_id = performers.product_id and edge.to_npi = performers.npi
inner join {{ ref('stg_config__products') }} as product on edge.product_id = product.product_id
cross join {{ ref('stg_config__settings') }} as settings
cross join {{ ref('int_disclosure__steps') }} as steps
left join {{ ref('int_providers__located') }} as sender on edge.from_npi = sender.npi
left join {{ ref('int_providers__located') }} as performer on edge.to_npi = performer.npi
left join {{ ref('stg_config__opt_outs') }} as opted_out on edge.from_npi = opted_out.npi
where edge.shared_patients >= settings.suppression_threshold and opted_out.npi is null
order by edge.product_id, edge.from_npi, edge.to_npi
