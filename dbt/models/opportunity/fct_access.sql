{#
  What can be reached, by site of service and by health system: the same rows summed twice, so that either level adds up
  to the product's total. Sites of no system are the system 'independent'. Where the sites of a system differ, its status
  is 'mixed' and it has no dates of its own.
#}
with performed as (
    select
        *,
        coalesce(health_system_id, 'independent') as system_id
    from {{ ref('int_access__performed') }}
)

{% for scope_kind, scope_id in [('facility', 'account_id'), ('health_system', 'system_id')] %}
select
    product_id,
    '{{ scope_kind }}' as scope_kind,
    {{ scope_id }} as scope_id,
    min(system_id) as health_system_id,
    case when min(access_status) = max(access_status) then min(access_status) else 'mixed' end as access_status,
    {{ joined_text('reason') }} as reason,
    {{ joined_text('source') }} as source,
    {{ joined_text('rule_id') }} as rules,
    case
        when min(effective_from) = max(effective_from) and count(effective_from) = count(*) then min(effective_from)
    end as effective_from,
    case when min(effective_to) = max(effective_to) and count(effective_to) = count(*) then min(effective_to) end
        as effective_to,
    count(distinct account_id) as accounts,
    count(distinct {{ surgeon('npi') }}) as surgeons,
    count(distinct case when is_addressable then {{ surgeon('npi') }} end) as addressable_surgeons,
    cast(sum(procedures) as decimal(18, 4)) as procedures,
    {{ usd('sum(total_usd)') }} as total_usd,
    {{ usd('sum(addressable_usd)') }} as addressable_usd,
    {{ usd('sum(phantom_usd)') }} as phantom_usd,
    {{ usd('sum(unknown_usd)') }} as unknown_usd
from performed
group by product_id, {{ scope_id }}
{{ 'union all' if not loop.last }}
{% endfor %}
