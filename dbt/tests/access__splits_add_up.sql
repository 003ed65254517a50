-- Sites, health systems and surgeons divide the same dollars as the units do: total, addressable, phantom and unknown
-- agree to the cent, product by product.
{% set measures = ['total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] %}

with sums as (
    {% for name, relation, condition in [
        ('units', ref('fct_unit_potential'), 'true'), ('sites', ref('fct_access'), 'scope_kind = \'facility\''),
        ('systems', ref('fct_access'), 'scope_kind = \'health_system\''), ('surgeons', ref('fct_surgeon_access'), 'true')
    ] %}
    select
        {% for measure in measures -%}
        sum({{ measure }}) as {{ measure }},
        {% endfor -%}
        product_id
    from {{ relation }}
    where {{ condition }}
    group by product_id
    having sum(total_usd) <> 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select product_id
from sums
group by product_id
having
    count(*) <> 4
    {% for measure in measures -%}
    or min({{ measure }}) <> max({{ measure }})
    {% endfor %}
