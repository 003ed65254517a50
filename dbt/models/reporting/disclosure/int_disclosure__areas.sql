{#
  How many people are sure to be behind an area's month: those at sites whose planning year is shown. People of a withheld
  site do not count: a month of eleven of them would tell that it has so many, and its withheld neighbour the few that
  their unit leaves. A month of which the site has no planning year was never part of a total.
#}
with sites as (
    select site.*
    from {{ ref('int_opportunity__placed') }} as site
    left join {{ ref('int_disclosure__accounts') }} as disclosure
        on
            site.product_id = disclosure.product_id
            and site.account_id = disclosure.account_id
            and site.unit_id = disclosure.unit_id
    where not coalesce(disclosure.is_suppressed or disclosure.is_opted_out, false)
)

{% for level, column in area_levels().items() %}
select
    product_id,
    '{{ level }}' as area_level,
    {{ column }} as area_id,
    service_month,
    cast(coalesce(bit_count(bit_or(people_bits)), 0) as bigint) as shown_people
from sites
group by product_id, {{ column }}, service_month

{{ 'union all' if not loop.last }}
{% endfor %}
