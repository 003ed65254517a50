{#
  Claims that name the claim they replace under another id (`prior_claim_id`), and the root of their chain: the end of the
  path of predecessors, found by pointer doubling, which makes a path of up to 64 links one step long in six self-joins.
  A link is known from the refresh that said it, so the root is found anew for each refresh that brought one of the
  chain's links: a link in the middle that comes late parts the chain until then.

  1. said:       the predecessor of each chain, by its first word on it
  2. components: chains that are connected in the end
  3. epochs:     the links known at each refresh that brought one to the component
  4. rooted:     the root of each chain in each epoch
#}
{% set doublings = 6 %}

with refreshes as (
    select distinct
        refresh_id,
        refresh_order
    from {{ ref('stg_landing__refreshes') }}
),

said as (
    select
        line.chain_key,
        line.source,
        line.prior_claim_id,
        refresh.refresh_order
    from {{ ref('stg_claims__lines') }} as line
    inner join refreshes as refresh on line.refresh_id = refresh.refresh_id
    where line.prior_claim_id is not null and line.prior_claim_id <> line.claim_id
    qualify row_number() over (partition by line.chain_key order by refresh.refresh_order, line.prior_claim_id) = 1
),

named as (
    select distinct
        line.source,
        line.claim_id,
        line.chain_key
    from {{ ref('stg_claims__lines') }} as line
    inner join said on line.source = said.source and line.claim_id = said.prior_claim_id
),

links as (
    select
        said.chain_key,
        said.refresh_order,
        coalesce(named.chain_key, {{ row_key(['said.source', 'said.prior_claim_id']) }}) as root_key
    from said
    left join named on said.source = named.source and said.prior_claim_id = named.claim_id
    where coalesce(named.chain_key, {{ row_key(['said.source', 'said.prior_claim_id']) }}) <> said.chain_key
),

{% for doubling in range(doublings) %}
component_{{ doubling + 1 }} as (
    select
        near.chain_key,
        near.refresh_order,
        coalesce(far.root_key, near.root_key) as root_key
    from {{ 'component_' ~ doubling if doubling else 'links' }} as near
    left join {{ 'component_' ~ doubling if doubling else 'links' }} as far on near.root_key = far.chain_key
),

{% endfor %}
components as (
    select
        chain_key,
        root_key as component_key
    from component_{{ doublings }}
),

epochs as (
    select
        component_key,
        refresh_order,
        lead(refresh_order) over (partition by component_key order by refresh_order) as next_order
    from (
        select distinct
            component_key,
            refresh_order
        from component_{{ doublings }}
        inner join components using (chain_key)
    ) as changes
),

root_0 as (
    select
        links.chain_key,
        epoch.component_key,
        epoch.refresh_order as known_from_order,
        epoch.next_order as known_to_order,
        links.root_key
    from links
    inner join components as component on links.chain_key = component.chain_key
    inner join epochs as epoch
        on component.component_key = epoch.component_key and links.refresh_order <= epoch.refresh_order
),

{% for doubling in range(doublings) %}
root_{{ doubling + 1 }} as (
    select
        near.chain_key,
        near.component_key,
        near.known_from_order,
        near.known_to_order,
        coalesce(far.root_key, near.root_key) as root_key
    from root_{{ doubling }} as near
    left join root_{{ doubling }} as far
        on near.root_key = far.chain_key and near.known_from_order = far.known_from_order
),

{% endfor %}
rooted as (
    select
        chain_key,
        component_key,
        known_from_order,
        known_to_order,
        root_key
    from root_{{ doublings }}
)

select
    chain_key,
    component_key,
    root_key,
    cast(known_from_order as integer) as known_from_order,
    cast(known_to_order as integer) as known_to_order
from rooted
