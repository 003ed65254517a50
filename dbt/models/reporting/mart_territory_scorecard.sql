with potential as (
    select
        assignment.territory_id,
        sum(potential.procedures) as procedures,
        sum(potential.total_usd) as total_usd,
        sum(potential.addressable_usd) as addressable_usd,
        sum(potential.phantom_usd) as phantom_usd,
        sum(potential.unknown_usd) as unknown_usd,
        min(potential.first_month) as first_month,
        max(potential.last_month) as last_month
    from {{ ref('fct_unit_potential') }} as potential
    inner join {{ ref('stg_territories__unit_assignments') }} as assignment on potential.unit_id = assignment.unit_id
    group by assignment.territory_id
),

-- Who can be won: people with work at a site where anything can be sold, and sites of which no person is known.
effective as (
    select
        assignment.territory_id,
        count(distinct case when performed.npi = 'unattributed' then performed.account_id else performed.npi end)
            as accounts
    from {{ ref('int_access__performed') }} as performed
    inner join {{ ref('stg_territories__unit_assignments') }} as assignment
        on performed.unit_id = assignment.unit_id
    where performed.is_addressable
    group by assignment.territory_id
),

listed as (
    select
        assignment.territory_id,
        count(*) as accounts
    from {{ ref('int_providers__located') }} as person
    inner join {{ ref('stg_territories__unit_assignments') }} as assignment on person.unit_id = assignment.unit_id
    where person.entity_type_code = '1'
    group by assignment.territory_id
),

flows as (
    {{ assigned_referral() }}
),

-- Each flow once in every territory that it touches.
referral as (
    select
        territory_id,
        sum(weight) as weight,
        sum(case when is_retained then weight else 0 end) as retained
    from (
        select
            territory_a as territory_id,
            weight,
            coalesce(territory_a = territory_b, false) as is_retained
        from flows

        union all

        select
            territory_b as territory_id,
            weight,
            false as is_retained
        from flows
        where territory_a is null or territory_a <> territory_b
    ) as touching
    where territory_id is not null
    group by territory_id
),

drift as (
    select
        territory_id,
        max(case when is_drift then 1 else 0 end) as drifted
    from {{ ref('stg_monitoring__territory_drift') }}
    group by territory_id
),

reviews as (
    select
        scope_id as territory_id,
        count(*) as open_reviews
    from {{ ref('stg_monitoring__review_flags') }}
    where scope_kind = 'territory' and state = 'open'
    group by scope_id
)

select
    territory.territory_id,
    territory.territory_name,
    territory.plan_id,
    rep.rep_id,
    rep.rep_name,
    coalesce(rep.is_vacant, true) as is_vacant,
    rep.fit_score,
    territory.units,
    territory.accounts,
    coalesce(listed.accounts, 0) as listed_accounts,
    coalesce(effective.accounts, 0) as effective_accounts,
    case
        when territory.patients >= settings.suppression_threshold
            then cast({{ rounded_to('territory.patients', 'steps.procedure_step') }} as bigint)
    end as patients,
    cast({{ rounded_to('coalesce(potential.procedures, 0)', 'steps.procedure_step') }} as bigint) as procedures,
    {{ usd(rounded_to('territory.addressable_usd', 'steps.usd_step')) }} as planned_addressable_usd,
    {%- for measure in ['total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd'] %}
    {{ usd(rounded_to('coalesce(potential.' ~ measure ~ ', 0)', 'steps.usd_step')) }} as {{ measure }},
    {%- endfor %}
    potential.first_month,
    potential.last_month,
    round({{ rounded_to('territory.balance_index', '(100.0 * steps.share_step)') }}, 1) as balance_index,
    territory.mean_drive_miles,
    territory.max_drive_miles,
    territory.compactness,
    territory.components,
    territory.is_contiguous,
    workload.visit_hours,
    workload.travel_hours,
    workload.total_hours,
    workload.capacity_hours,
    workload.workload_index,
    quota.quota_usd,
    {% for measure in ['weight', 'retained'] -%}
    case
        when referral.weight >= settings.suppression_threshold
            then cast({{ rounded_to('referral.' ~ measure, 'steps.procedure_step') }} as bigint)
    end as referral_{{ 'weight' if measure == 'weight' else 'weight_retained' }},
    {% endfor -%}
    coalesce(drift.drifted, 0) = 1 as is_drift,
    cast(coalesce(reviews.open_reviews, 0) as bigint) as open_reviews,
    territory.seat_unit_id,
    territory.seat_latitude,
    territory.seat_longitude
from {{ ref('stg_territories__territories') }} as territory
cross join {{ ref('stg_config__settings') }} as settings
cross join {{ ref('int_disclosure__steps') }} as steps
left join potential on territory.territory_id = potential.territory_id
left join {{ ref('stg_field_plan__rep_assignments') }} as rep on territory.territory_id = rep.territory_id
left join {{ ref('stg_field_plan__territory_workloads') }} as workload on territory.territory_id = workload.territory_id
left join {{ ref('stg_quotas__territory_quotas') }} as quota on territory.territory_id = quota.territory_id
left join effective on territory.territory_id = effective.territory_id
left join listed on territory.territory_id = listed.territory_id
left join referral on territory.territory_id = referral.territory_id
left join drift on territory.territory_id = drift.territory_id
left join reviews on territory.territory_id = reviews.territory_id
order by territory.territory_id
