{#
  What can be reached: the nation, each territory, each health system. The parts are sums over shown and withheld cells
  alike, so they are rounded (int_disclosure__steps); the total is the sum of the rounded parts, so that it says no more,
  and total = addressable + phantom + unknown holds in the mart as well. Units without a territory are 'unassigned'.
#}
{% set levels = {'nation': 'nation', 'territory': 'territory_id', 'health_system': 'health_system_id'} %}

with performed as (
    select
        performed.product_id,
        performed.npi,
        performed.account_id,
        performed.access_status,
        performed.is_addressable,
        performed.addressable_usd,
        performed.phantom_usd,
        performed.unknown_usd,
        'nation' as nation,
        coalesce(performed.health_system_id, 'independent') as health_system_id,
        coalesce(assignment.territory_id, 'unassigned') as territory_id
    from {{ ref('int_access__performed') }} as performed
    left join {{ ref('stg_territories__unit_assignments') }} as assignment
        on performed.unit_id = assignment.unit_id
),

summed as (
    {% for scope_kind, scope_id in levels.items() %}
    select
        product_id,
        '{{ scope_kind }}' as scope_kind,
        {{ scope_id }} as scope_id,
        case when min(access_status) = max(access_status) then min(access_status) else 'mixed' end as access_status,
        {% for measure in ['addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
        {{ usd('sum(' ~ measure ~ ')') }} as {{ measure }},
        {% endfor -%}
        count(distinct account_id) as accounts,
        count(distinct {{ surgeon('npi') }}) as surgeons,
        count(distinct case when is_addressable then {{ surgeon('npi') }} end) as addressable_surgeons
    from performed
    group by product_id, {{ scope_id }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

systems as (
    select
        health_system_id,
        min(health_system_name) as health_system_name
    from {{ ref('int_access__performed') }}
    where health_system_id is not null
    group by health_system_id
),

rounded as (
    select
        {% for measure in ['addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
        {{ usd(rounded_to('summed.' ~ measure, 'steps.usd_step')) }} as rounded_{{ measure }},
        {% endfor -%}
        summed.*
    from summed
    cross join {{ ref('int_disclosure__steps') }} as steps
)

select
    rounded.product_id,
    product.product_name,
    rounded.scope_kind,
    rounded.scope_id,
    coalesce(territory.territory_name, systems.health_system_name, rounded.scope_id) as scope_name,
    rounded.access_status,
    access.reason,
    access.source,
    access.effective_from,
    access.effective_to,
    rounded.accounts,
    rounded.surgeons,
    rounded.addressable_surgeons,
    {{ usd('rounded.rounded_addressable_usd + rounded.rounded_phantom_usd + rounded.rounded_unknown_usd') }}
        as total_usd,
    rounded.rounded_addressable_usd as addressable_usd,
    rounded.rounded_phantom_usd as phantom_usd,
    rounded.rounded_unknown_usd as unknown_usd
from rounded
inner join {{ ref('stg_config__products') }} as product on rounded.product_id = product.product_id
left join {{ ref('fct_access') }} as access
    on
        rounded.scope_kind = 'health_system'
        and rounded.product_id = access.product_id
        and rounded.scope_kind = access.scope_kind
        and rounded.scope_id = access.scope_id
left join {{ ref('stg_territories__territories') }} as territory
    on rounded.scope_kind = 'territory' and rounded.scope_id = territory.territory_id
left join systems on rounded.scope_kind = 'health_system' and rounded.scope_id = systems.health_system_id
order by rounded.product_id, rounded.scope_kind, rounded.scope_id
