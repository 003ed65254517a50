-- Shared patients, from who saw them to who performed the procedure: each patient once per pair and product.
with edges as (
    select
        product_id,
        from_npi,
        to_npi,
        count(distinct patient_key) as shared_patients,
        count(distinct case when is_named then patient_key end) as named_patients,
        cast(sum(procedures) as decimal(18, 4)) as procedures
    from {{ ref('int_referrals__paired') }}
    group by product_id, from_npi, to_npi
)

select
    edges.product_id,
    edges.from_npi,
    edges.to_npi,
    edges.shared_patients,
    edges.named_patients,
    edges.named_patients > 0 as is_named,
    edges.procedures,
    sender.unit_id as from_unit_id,
    performer.unit_id as to_unit_id
from edges
inner join {{ ref('int_referrals__placed') }} as sender on edges.from_npi = sender.npi
inner join {{ ref('int_referrals__placed') }} as performer on edges.to_npi = performer.npi
