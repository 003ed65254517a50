{#
  What a person is worth: his own procedures and, as far as referral_alpha says, those that his referrals lead to.

  downstream(A) = sum over B of referred(B) × weight(A → B) ÷ sum over X of weight(X → B), where referred(B) are B's procedures on
  patients that anybody sent. So the downstream of all referrers of B is referred(B), and a patient whom two people
  saw counts once. Dollars go with the procedures: B's addressable dollars in the proportion that was referred.
#}
with referred as (
    select
        product_id,
        to_npi,
        sum(procedures) as procedures
    from (
        select distinct
            product_id,
            patient_key,
            to_npi,
            service_date,
            procedures
        from {{ ref('int_referrals__paired') }}
    ) as services
    group by product_id, to_npi
),

sent as (
    select
        product_id,
        to_npi,
        sum(shared_patients) as shared_patients
    from {{ ref('fct_referral_edge') }}
    group by product_id, to_npi
),

own as (
    select
        product_id,
        npi,
        procedures,
        addressable_usd
    from {{ ref('fct_surgeon_access') }}
    where npi <> 'unattributed'
),

-- Rounded before they are summed: a sum of fractions must not depend on the order of its rows.
downstream as (
    select
        edge.product_id,
        edge.from_npi as npi,
        sum(cast(
            referred.procedures * edge.shared_patients / sent.shared_patients as decimal(18, 4)
        )) as procedures,
        sum({{ usd(
            'coalesce(own.addressable_usd, 0) * cast(referred.procedures as double)'
            ~ ' / nullif(cast(own.procedures as double), 0) * edge.shared_patients / sent.shared_patients'
        ) }}) as addressable_usd
    from {{ ref('fct_referral_edge') }} as edge
    inner join referred on edge.product_id = referred.product_id and edge.to_npi = referred.to_npi
    inner join sent on edge.product_id = sent.product_id and edge.to_npi = sent.to_npi
    left join own on edge.product_id = own.product_id and edge.to_npi = own.npi
    group by edge.product_id, edge.from_npi
),

parts as (
    select
        coalesce(own.product_id, downstream.product_id) as product_id,
        coalesce(own.npi, downstream.npi) as npi,
        coalesce(own.procedures, 0) as own_procedures,
        coalesce(downstream.procedures, 0) as downstream_procedures,
        coalesce(own.addressable_usd, 0) as own_addressable_usd,
        coalesce(downstream.addressable_usd, 0) as downstream_addressable_usd
    from own
    full outer join downstream on own.product_id = downstream.product_id and own.npi = downstream.npi
)

select
    parts.product_id,
    parts.npi,
    cast(parts.own_procedures as decimal(18, 4)) as own_procedures,
    cast(parts.downstream_procedures as decimal(18, 4)) as downstream_procedures,
    {{ usd('parts.own_addressable_usd') }} as own_addressable_usd,
    {{ usd('parts.downstream_addressable_usd') }} as downstream_addressable_usd,
    settings.referral_alpha,
    cast(parts.own_procedures + settings.referral_alpha * parts.downstream_procedures as decimal(18, 4))
        as value_procedures,
    {{ usd('parts.own_addressable_usd + settings.referral_alpha * parts.downstream_addressable_usd') }}
        as value_addressable_usd
from parts
cross join {{ ref('stg_config__settings') }} as settings
