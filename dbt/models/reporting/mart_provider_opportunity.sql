with shown as (
    select
        potential.product_id,
        potential.npi,
        potential.unit_id,
        product.product_name,
        provider.provider_name,
        provider.specialty,
        unit.unit_name,
        unit.state,
        assignment.territory_id,
        {% for column in ['first_month', 'last_month', 'months_covered'] -%}
        case when disclosure.is_held_back then held.{{ column }} else potential.{{ column }} end as {{ column }},
        {% endfor -%}
        {% for measure in ['procedures', 'involvements', 'sides', 'units', 'doses', 'patients',
            'billed_usd', 'total_usd'] -%}
        {{ as_published(measure, 'potential.' ~ measure, 'held') }} as {{ measure }},
        {% endfor -%}
        {% for measure in ['addressable_usd', 'phantom_usd', 'unknown_usd'] -%}
        {{ as_published(measure, access_part('potential', measure), 'held') }} as {{ measure }},
        {% endfor -%}
        {{ as_published('diagnosed_patients', 'potential.diagnosed_patients', 'held_diagnosis', 'diagnosis_') }}
            as diagnosed_patients,
        {{ shares_of_projection() }}
        {{ is_access_rounded() }} as is_access_rounded,
        {{ published_flags('disclosure') }}
    from {{ ref('int_potential__by_provider') }} as potential
    inner join {{ ref('int_disclosure__providers') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.npi = disclosure.npi
            and potential.unit_id = disclosure.unit_id
    inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
    cross join {{ ref('int_disclosure__steps') }} as steps
    left join {{ ref('int_disclosure__access') }} as access
        on
            potential.product_id = access.product_id
            and access.geography_level = 'unit'
            and potential.unit_id = access.geography_id
    {{ join_projection("'unit'", 'potential.unit_id') }}
    {% for held, refresh in [('held', 'held_snapshot_id'), ('held_diagnosis', 'held_diagnosis_snapshot_id')] %}
    left join {{ ref('stg_delivery__published_cells') }} as {{ held }}
        on
            {{ held }}.cell_kind = 'provider'
            and potential.product_id = {{ held }}.product_id
            and potential.npi = {{ held }}.member_id
            and potential.unit_id = {{ held }}.unit_id
            and disclosure.{{ refresh }} = {{ held }}.snapshot_id
    {% endfor %}
    left join {{ ref('int_providers__located') }} as provider on potential.npi = provider.npi
    left join {{ ref('stg_geography__units') }} as unit on potential.unit_id = unit.unit_id
    left join {{ ref('stg_territories__unit_assignments') }} as assignment on potential.unit_id = assignment.unit_id
    where not disclosure.is_opted_out
)

select
    product_id,
    product_name,
    npi,
    unit_id,
    provider_name,
    specialty,
    unit_name,
    state,
    territory_id,
    first_month,
    last_month,
    months_covered,
    procedures,
    involvements,
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
    case
        when not is_suppressed
            then row_number() over (
                partition by product_id, is_suppressed order by addressable_usd desc, procedures desc, npi, unit_id
            )
    end as addressable_rank,
    {{ share_of('addressable_usd', 'total_usd') }} as addressable_share,
    diagnosed_patients,
    is_access_rounded,
    {{ published_flags() }}
from shown
order by product_id, npi, unit_id
