-- Each level of areas holds all that the units hold, month by month.
{% set measures = [
    'procedures', 'projected_procedures', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'
] %}

with sums as (
    {% for level, relation, condition in [
        ('months_covered', ref('fct_geography_opportunity'), 'months_covered = 1'),
        ('area_level', ref('fct_area_opportunity'), 'true')
    ] %}
    select
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        cast({{ level }} as {{ dbt.type_string() }}) as area_level,
        product_id,
        service_month
    from {{ relation }}
    where {{ condition }}
    group by {{ level }}, product_id, service_month
    having sum(procedures) > 0 or sum(total_usd) > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    product_id,
    service_month
from sums
group by product_id, service_month
having
    count(*) <> 5
    {%- for measure in measures %}
    or min({{ measure }}) <> max({{ measure }})
    {%- endfor %}
