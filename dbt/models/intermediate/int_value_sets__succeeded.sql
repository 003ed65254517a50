{#
  Codes that no entry names but that took over from one which an entry does: from the day of the crosswalk, with its
  weight, over as many releases as `longest_chain` says. One row per way from a listed code; the weights of all ways to
  a code add up, so that a code which two listed codes became has both their shares.

  Where an entry ends, what it hands on ends with it. A code that a product names itself, to have or to leave out, is
  what the product says: nothing is handed on to it or past it, and a code that is left out hands nothing on.
#}
{% set longest_chain = 8 %}

with named as (
    select distinct
        product_id,
        code_system,
        code
    from {{ ref('int_value_sets__listed') }}
),

ways_0 as (
    select
        product_id,
        code_system,
        code,
        effective_from,
        effective_to,
        cast(1 as decimal(9, 6)) as code_weight
    from {{ ref('int_value_sets__listed') }}
    qualify max(case when role = 'exclude' then 1 else 0 end) over (partition by product_id, code_system, code) = 0
)

{%- for step in range(1, longest_chain + 1) %},

ways_{{ step }} as (
    select
        way.product_id,
        way.code_system,
        succession.to_code as code,
        greatest(way.effective_from, succession.effective_from) as effective_from,
        least(way.effective_to, succession.effective_to) as effective_to,
        cast(way.code_weight * succession.weight as decimal(9, 6)) as code_weight
    from ways_{{ step - 1 }} as way
    inner join {{ ref('stg_codes__successions') }} as succession
        on way.code_system = succession.code_system and way.code = succession.from_code
    left join named
        on
            way.product_id = named.product_id
            and way.code_system = named.code_system
            and succession.to_code = named.code
    where
        named.code is null
        and greatest(way.effective_from, succession.effective_from)
        <= least(way.effective_to, succession.effective_to)
)
{%- endfor %}

{% for step in range(1, longest_chain + 1) %}
select
    product_id,
    code_system,
    code,
    effective_from,
    effective_to,
    code_weight
from ways_{{ step }}
{{ 'union all' if not loop.last }}
{% endfor %}
