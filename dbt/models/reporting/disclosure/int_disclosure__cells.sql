{#
  Every cell of the planning year that is published (places, providers, accounts), for the procedures and for the
  diagnosed patients, with what is withheld of it for its own sake:

  - 1 to (threshold - 1) people;
  - a change of 1 to (threshold - 1) people or services since a value that was published before: two snapshots laid side
    by side would show it;
  - withheld in an earlier snapshot of the same planning year, whose totals still stand.

  `held_snapshot_id` is the snapshot whose published value is nearest: it is shown in place of the present value. `lowest`
  is what an onlooker must assume at least of a withheld cell.
#}
{% set kinds = {
    'unit': ('int_potential__by_geography', 'geography_id', "''", "geography_level = 'unit'"),
    'state': ('int_potential__by_geography', 'geography_id', "''", "geography_level = 'state'"),
    'nation': ('int_potential__by_geography', 'geography_id', "''", "geography_level = 'nation'"),
    'provider': ('int_potential__by_provider', 'npi', 'unit_id', 'true'),
    'account': ('int_potential__by_account', 'account_id', 'unit_id', 'true'),
} %}

with cells as (
    {% for kind, (potential, member, unit, condition) in kinds.items() %}
    {% for measure, people, services in [
        ('procedure', 'coalesce(patients, 0)', 'procedures'),
        ('diagnosis', 'coalesce(diagnosed_patients, 0)', 'coalesce(diagnosed_patients, 0)')
    ] %}
    select
        '{{ measure }}' as measure,
        '{{ kind }}' as cell_kind,
        product_id,
        {{ member }} as member_id,
        {{ unit }} as unit_id,
        {{ 'parent_id' if unit == "''" else 'unit_id' }} as parent_id,
        {{ people }} as people,
        cast({{ services }} as decimal(18, 4)) as services,
        first_month,
        last_month
    from {{ ref(potential) }}
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

published as (
    select
        'procedure' as measure,
        cell_kind,
        product_id,
        member_id,
        unit_id,
        snapshot_id,
        snapshot_order,
        first_month,
        last_month,
        patients as people,
        procedures as services,
        is_withheld
    from {{ ref('stg_delivery__published_cells') }}

    union all

    select
        'diagnosis' as measure,
        cell_kind,
        product_id,
        member_id,
        unit_id,
        snapshot_id,
        snapshot_order,
        first_month,
        last_month,
        diagnosed_patients as people,
        cast(diagnosed_patients as decimal(18, 4)) as services,
        is_diagnosis_withheld as is_withheld
    from {{ ref('stg_delivery__published_cells') }}
),

compared as (
    select
        cell.measure,
        cell.cell_kind,
        cell.product_id,
        cell.member_id,
        cell.unit_id,
        earlier.snapshot_id,
        earlier.snapshot_order,
        earlier.is_withheld,
        earlier.people >= settings.suppression_threshold as is_large,
        abs(earlier.people - cell.people) as people_apart,
        abs(earlier.services - cell.services) as services_apart,
        settings.suppression_threshold as threshold,
        earlier.first_month = cell.first_month and earlier.last_month = cell.last_month as is_same_year
    from cells as cell
    inner join published as earlier
        on
            cell.measure = earlier.measure
            and cell.cell_kind = earlier.cell_kind
            and cell.product_id = earlier.product_id
            and cell.member_id = earlier.member_id
            and cell.unit_id = earlier.unit_id
    cross join {{ ref('stg_config__settings') }} as settings
),

history as (
    select
        measure,
        cell_kind,
        product_id,
        member_id,
        unit_id,
        max(
            case
                when is_withheld then 0
                when people_apart > 0 and people_apart < threshold then 1
                when services_apart > 0 and services_apart < threshold then 1
                else 0
            end
        ) = 1 as has_small_change,
        max(case when is_withheld and is_same_year then 1 else 0 end) = 1 as was_withheld,
        -- The later of two that are equally near.
        min_by(
            case when not is_withheld and is_large then snapshot_id end,
            case when not is_withheld and is_large then services_apart * 100000 - snapshot_order end
        ) as held_snapshot_id
    from compared
    group by measure, cell_kind, product_id, member_id, unit_id
)

select
    cell.measure,
    cell.cell_kind,
    cell.product_id,
    cell.member_id,
    cell.unit_id,
    cell.parent_id,
    cell.people,
    cell.services,
    settings.suppression_threshold as threshold,
    case when cell.people >= settings.suppression_threshold then history.held_snapshot_id end as held_snapshot_id,
    case
        when cell.people >= settings.suppression_threshold and history.held_snapshot_id is not null
            then settings.suppression_threshold
        else 1
    end as lowest,
    opt_out.npi is not null as is_opted_out,
    cell.people > 0 and (
        cell.people < settings.suppression_threshold
        or coalesce(history.has_small_change, false)
        or coalesce(history.was_withheld, false)
    ) as is_hidden
from cells as cell
cross join {{ ref('stg_config__settings') }} as settings
left join history
    on
        cell.measure = history.measure
        and cell.cell_kind = history.cell_kind
        and cell.product_id = history.product_id
        and cell.member_id = history.member_id
        and cell.unit_id = history.unit_id
left join {{ ref('stg_config__opt_outs') }} as opt_out
    on cell.member_id = opt_out.npi and cell.cell_kind in ('provider', 'account')
