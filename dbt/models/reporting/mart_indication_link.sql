select
    potential.product_id,
    product.product_name,
    potential.link_strength,
    potential.first_month,
    potential.last_month,
    {{ unless_hidden('potential.procedures', 'disclosure.is_suppressed') }} as procedures,
    {{ unless_hidden('potential.patients', 'disclosure.is_suppressed') }} as patients,
    disclosure.is_suppressed
from {{ ref('int_potential__by_link') }} as potential
inner join {{ ref('int_disclosure__links') }} as disclosure
    on potential.product_id = disclosure.product_id and potential.link_strength = disclosure.link_strength
inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
order by potential.product_id, potential.link_strength
