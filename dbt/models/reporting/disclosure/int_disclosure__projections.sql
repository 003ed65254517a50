{#
  What may be told of each place's projection, for those whose procedures are shown.

  Procedures times their factor is what was projected, so an exact factor tells the mix behind it: of 20 procedures that
  project to 24, six were done in the last month. And two withheld states follow from two totals, captured and projected,
  where their capture rates are known. So a place's own projection is rounded to what two thresholds of procedures can
  project to at most, in whole thresholds, and shares follow from the rounded amounts. A place too small for that to
  be fine enough (`finest_steps` of them) takes the factor of the place above it.
  Providers and accounts take their unit's factor. Under a nation that is withheld nothing is told.

  Where an older count is shown, today's projection stands beside it, rounded as ever: the factor is the ratio of the two,
  for today's own would tell today's count.
#}
{% set finest_steps = 20 %}

with places as (
    select
        potential.product_id,
        potential.geography_level,
        potential.geography_id,
        potential.parent_id,
        cast(case when disclosure.is_held_back then held.procedures else potential.procedures end as double)
            as procedures,
        cast(potential.projected_procedures as double) as projected,
        cast(potential.procedures as double) / potential.completeness_share as completed,
        cast(potential.projected_low as double) as low,
        cast(potential.projected_high as double) as high,
        case
            when potential.greatest_factor > 1
                then cast(steps.procedure_step * ceil(potential.greatest_factor) as double)
        end as step,
        not disclosure.is_suppressed as is_shown
    from {{ ref('int_potential__by_geography') }} as potential
    inner join {{ ref('int_disclosure__geographies') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.geography_level = disclosure.geography_level
            and potential.geography_id = disclosure.geography_id
    left join {{ ref('stg_delivery__published_cells') }} as held
        on
            potential.geography_level = held.cell_kind
            and potential.product_id = held.product_id
            and potential.geography_id = held.member_id
            and disclosure.held_snapshot_id = held.snapshot_id
    cross join {{ ref('int_disclosure__steps') }} as steps
),

rounded as (
    select
        product_id,
        geography_level,
        geography_id,
        parent_id,
        procedures,
        is_shown,
        is_shown and (
            step is null or geography_level = 'nation' or procedures >= {{ finest_steps }} * step
        ) as is_own,
        greatest(procedures, coalesce(round(projected / step) * step, procedures)) as projected,
        greatest(procedures, coalesce(round(completed / step) * step, procedures)) as completed,
        greatest(procedures, coalesce(floor(low / step) * step, procedures)) as low,
        greatest(procedures, coalesce(ceil(high / step) * step, procedures)) as high
    from places
),

own as (
    select
        product_id,
        geography_level,
        geography_id,
        procedures,
        case when procedures > 0 then projected / procedures else 1 end as projection_factor,
        case when completed > 0 then procedures / completed else 1 end as completeness_share,
        case when projected > 0 then completed / projected else 1 end as capture_share,
        case
            when projected > 0
                then (high - low) / (2 * {{ standard_errors_of('settings.interval_level') }} * projected)
            else 0
        end as relative_error,
        low,
        high
    from rounded
    cross join {{ ref('stg_config__settings') }} as settings
    where is_own
),

bases as (
    select
        place.product_id,
        place.geography_level,
        place.geography_id,
        coalesce(itself.geography_level, state.geography_level, nation.geography_level) as base_level,
        coalesce(itself.geography_id, state.geography_id, nation.geography_id) as base_id
    from rounded as place
    left join own as itself
        on
            place.product_id = itself.product_id
            and place.geography_level = itself.geography_level
            and place.geography_id = itself.geography_id
    left join own as state
        on
            place.product_id = state.product_id
            and place.parent_id = state.geography_id
            and state.geography_level = 'state'
    left join own as nation
        on
            place.product_id = nation.product_id
            and nation.geography_level = 'nation'
    where place.is_shown
)

select
    bases.product_id,
    bases.geography_level,
    bases.geography_id,
    bases.base_level as projection_basis,
    own.projection_factor,
    own.completeness_share,
    own.capture_share,
    own.relative_error,
    case when bases.base_level = bases.geography_level then own.low end as projected_low,
    case when bases.base_level = bases.geography_level then own.high end as projected_high,
    {{ standard_errors_of('settings.interval_level') }} as interval_errors
from bases
inner join own
    on
        bases.product_id = own.product_id
        and bases.base_level = own.geography_level
        and bases.base_id = own.geography_id
cross join {{ ref('stg_config__settings') }} as settings
