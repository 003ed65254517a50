{#
  What can be reached, by performer, over all the sites where he works. A surgeon with 60 % of his work at a locked hospital
  is 40 % addressable. Rows with phantom volume are the phantom list: who is counted in the total and cannot be won now, and
  which systems are the reason. Volume of which no person is known is the row 'unattributed', so that sums hold.
#}
with performed as (
    select
        *,
        access_status in ('locked', 'restricted') as is_behind_doors
    from {{ ref('int_access__performed') }}
),

summed as (
    select
        product_id,
        npi,
        count(distinct account_id) as accounts,
        count(distinct case when is_behind_doors then account_id end) as locked_accounts,
        max(case when is_addressable then 1 else 0 end) as is_open_somewhere,
        max(case when is_behind_doors then 1 else 0 end) as is_locked_somewhere,
        max(case when access_status = 'unknown' then 1 else 0 end) as is_unknown_somewhere,
        {{ joined_text('case when is_behind_doors then coalesce(health_system_name, health_system_id) end', '; ') }}
            as locked_systems,
        {{ joined_text('case when is_behind_doors then reason end', '; ') }} as locked_reasons,
        cast(sum(procedures) as decimal(18, 4)) as procedures,
        {{ usd('sum(total_usd)') }} as total_usd,
        {{ usd('sum(addressable_usd)') }} as addressable_usd,
        {{ usd('sum(phantom_usd)') }} as phantom_usd,
        {{ usd('sum(unknown_usd)') }} as unknown_usd
    from performed
    group by product_id, npi
)

select
    product_id,
    npi,
    {{ access_class('is_open_somewhere', 'is_locked_somewhere', 'is_unknown_somewhere') }} as access_class,
    accounts,
    locked_accounts,
    locked_systems,
    locked_reasons,
    procedures,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    {{ share_of('addressable_usd', 'total_usd') }} as addressable_share
from summed
