with shown as (
    select
        potential.product_id,
        potential.account_id,
        potential.unit_id,
        product.product_name,
        account.provider_name as account_name,
        account.facility_type,
        account.health_system_id,
        account.health_system_name,
        coalesce(access.access_status, settings.default_access_status) as access_status,
        unit.unit_name,
        unit.state,
        assignment.territory_id,
        {% for column in ['first_month', 'last_month', 'months_covered'] -%}
        case when disclosure.is_held_back then held.{{ column }} else potential.{{ column }} end as {{ column }},
        {% endfor -%}
        {% for measure in ['procedures', 'sides', 'units', 'doses', 'patients', 'billed_usd', 'total_usd',
            'addressable_usd', 'phantom_usd', 'unknown_usd', 'providers'] -%}
        {{ as_published(measure, 'potential.' ~ measure, 'held') }} as {{ measure }},
        {% endfor -%}
        case
            when not disclosure.is_suppressed and not coalesce(
                potential.patients_billed between 1 and settings.suppression_threshold - 1, false
            ) then {{ rounded_to('potential.procedures_billed', 'steps.procedure_step') }}
        end as procedures_billed,
        disclosure.is_suppressed or coalesce(
            potential.patients_billed between 1 and settings.suppression_threshold - 1, false
        ) as is_billing_suppressed,
        {{ as_published('diagnosed_patients', 'potential.diagnosed_patients', 'held_diagnosis', 'diagnosis_') }}
            as diagnosed_patients,
        {{ shares_of_projection() }}
        {{ published_flags('disclosure') }}
    from {{ ref('int_potential__by_account') }} as potential
    inner join {{ ref('int_disclosure__accounts') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.account_id = disclosure.account_id
            and potential.unit_id = disclosure.unit_id
    inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
    cross join {{ ref('stg_config__settings') }} as settings
    cross join {{ ref('int_disclosure__steps') }} as steps
    {{ join_projection("'unit'", 'potential.unit_id') }}
    {% for held, refresh in [('held', 'held_snapshot_id'), ('held_diagnosis', 'held_diagnosis_snapshot_id')] %}
    left join {{ ref('stg_delivery__published_cells') }} as {{ held }}
        on
            {{ held }}.cell_kind = 'account'
            and potential.product_id = {{ held }}.product_id
            and potential.account_id = {{ held }}.member_id
            and potential.unit_id = {{ held }}.unit_id
            and disclosure.{{ refresh }} = {{ held }}.snapshot_id
    {% endfor %}
    left join {{ ref('int_providers__located') }} as account on potential.account_id = account.npi
    left join {{ ref('int_access__resolved') }} as access
        on potential.product_id = access.product_id and potential.account_id = access.site_npi
    left join {{ ref('stg_geography__units') }} as unit on potential.unit_id = unit.unit_id
    left join {{ ref('stg_territories__unit_assignments') }} as assignment on potential.unit_id = assignment.unit_id
    where not disclosure.is_opted_out
)

select
    product_id,
    product_name,
    account_id,
    unit_id,
    account_name,
    facility_type,
    health_system_id,
    health_system_name,
    access_status,
    unit_name,
    state,
    territory_id,
    first_month,
    last_month,
    months_covered,
    procedures,
    sides,
    units,
    doses,
    patients,
    billed_usd,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd,
    {{ projected_as_published() }}
    providers,
    case
        when not is_suppressed
            then row_number() over (
                partition by product_id, is_suppressed
                order by addressable_usd desc, procedures desc, account_id, unit_id
            )
    end as addressable_rank,
    cast(procedures_billed as decimal(18, 4)) as procedures_billed,
    diagnosed_patients,
    {{ published_flags() }},
    is_billing_suppressed
from shown
order by product_id, account_id, unit_id
