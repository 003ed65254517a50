{#
  What releases changed in the value sets of products, since the planning year began.

  1. changes: from the second month of the planning year on; nothing that is planned with rests on earlier ones
  2. touched: changes of codes that an entry means, on a day on which the entry still holds
  3. beside:  new codes that no entry means and no crosswalk leads to, though a code of the set begins with the same four
              characters: somebody should say whether they belong to it
  4. named:   both, and what becomes of a code: its successors by crosswalk, and new codes of the set that begin with it
#}
with changes as (
    select change.*
    from {{ ref('stg_codes__changes') }} as change
    inner join {{ ref('int_months__planned') }} as planned on change.effective_from > planned.first_month
),

meant as (
    select
        entry.product_id,
        change.code_system,
        change.code,
        change.effective_from,
        change.change,
        change.release,
        max(case when entry.role = 'exclude' then 1 else 0 end) = 1 as is_left_out
    from changes as change
    inner join {{ ref('stg_config__value_set_codes') }} as entry
        on
            change.code_system = entry.code_system
            and {{ is_entry_of('change.code', 'entry') }}
            and coalesce(entry.effective_to, cast('9999-12-31' as date)) >= change.effective_from
    group by
        entry.product_id, change.code_system, change.code, change.effective_from, change.change, change.release
),

touched as (
    select
        product_id,
        code_system,
        code,
        effective_from,
        change,
        release,
        true as is_in_set
    from meant
    where not is_left_out
),

beside as (
    select distinct
        entry.product_id,
        change.code_system,
        change.code,
        change.effective_from,
        change.change,
        change.release,
        false as is_in_set
    from changes as change
    inner join {{ ref('stg_config__value_set_codes') }} as entry
        on
            change.code_system = entry.code_system
            and entry.role = 'include'
            and length(entry.code) >= 4
            and substr(change.code, 1, 4) = substr(entry.code, 1, 4)
            and coalesce(entry.effective_to, cast('9999-12-31' as date)) >= change.effective_from
    left join meant
        on
            entry.product_id = meant.product_id
            and change.code_system = meant.code_system
            and change.code = meant.code
            and change.effective_from = meant.effective_from
    left join {{ ref('int_value_sets__succeeded') }} as successor
        on
            entry.product_id = successor.product_id
            and change.code_system = successor.code_system
            and change.code = successor.code
    where change.change = 'added' and meant.code is null and successor.code is null
),

named as (
    select *
    from touched

    union all

    select *
    from beside
),

successors as (
    select
        touched.product_id,
        touched.code_system,
        touched.code,
        touched.effective_from,
        succession.to_code || ' (weight ' || {{ as_text('cast(succession.weight as decimal(9, 3))') }} || ')'
            as successor
    from touched
    inner join {{ ref('stg_codes__successions') }} as succession
        on touched.code_system = succession.code_system and touched.code = succession.from_code
    where touched.change = 'deleted'

    union

    select
        ended.product_id,
        ended.code_system,
        ended.code,
        ended.effective_from,
        child.code || ' (in the set)' as successor
    from touched as ended
    inner join touched as child
        on
            ended.product_id = child.product_id
            and ended.code_system = child.code_system
            and ended.effective_from = child.effective_from
            and child.change = 'added'
            and length(child.code) > length(ended.code)
            and ended.code = substr(child.code, 1, length(ended.code))
    where ended.change = 'deleted'
),

followed as (
    select
        product_id,
        code_system,
        code,
        effective_from,
        {{ joined_text('successor', ' + ') }} as successors
    from successors
    group by product_id, code_system, code, effective_from
)

select
    named.product_id,
    named.code_system,
    named.code,
    named.effective_from,
    named.change,
    named.release,
    named.is_in_set,
    case when named.change = 'deleted' then followed.successors end as successors,
    coalesce(opportunity.total_usd, {{ usd('0') }}) as opportunity_usd,
    coalesce(opportunity.product_share, 0) as product_share,
    coalesce(opportunity.patients, 0) as patients
from named
left join followed
    on
        named.product_id = followed.product_id
        and named.code_system = followed.code_system
        and named.code = followed.code
        and named.effective_from = followed.effective_from
left join {{ ref('fct_code_opportunity') }} as opportunity
    on
        named.product_id = opportunity.product_id
        and named.code_system = opportunity.code_system
        and named.code = opportunity.code
