select
    potential.product_id,
    product.product_name,
    potential.link_strength,
    potential.first_month,
    potential.last_month,
    -- Rounded: what changed since an earlier snapshot would tell of the few who are new at a strength.
    cast(
        {{ unless_hidden(rounded_to('potential.procedures', 'steps.procedure_step'), 'disclosure.is_suppressed') }}
        as decimal(18, 4)
    ) as procedures,
    cast(
        {{ unless_hidden(rounded_to('potential.patients', 'steps.procedure_step'), 'disclosure.is_suppressed') }}
        as bigint
    ) as patients,
    disclosure.is_suppressed
from {{ ref('int_potential__by_link') }} as potential
inner join {{ ref('int_disclosure__links') }} as disclosure
    on potential.product_id = disclosure.product_id and potential.link_strength = disclosure.link_strength
cross join {{ ref('int_disclosure__steps') }} as steps
inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
order by potential.product_id, potential.link_strength
