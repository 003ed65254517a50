with shown as (
    select
        potential.*,
        product.product_name,
        provider.provider_name,
        provider.specialty,
        unit.unit_name,
        unit.state,
        assignment.territory_id,
        disclosure.is_suppressed,
        disclosure.is_diagnosis_suppressed,
        row_number() over (
            partition by potential.product_id, disclosure.is_suppressed
            order by potential.addressable_usd desc, potential.procedures desc, potential.npi, potential.unit_id
        ) as addressable_rank
    from {{ ref('int_potential__by_provider') }} as potential
    inner join {{ ref('int_disclosure__providers') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.npi = disclosure.npi
            and potential.unit_id = disclosure.unit_id
    inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
    left join {{ ref('int_providers__located') }} as provider on potential.npi = provider.npi
    left join {{ ref('stg_geography__units') }} as unit on potential.unit_id = unit.unit_id
    left join {{ ref('stg_territories__unit_assignments') }} as assignment on potential.unit_id = assignment.unit_id
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
    {% for measure in ['procedures', 'involvements', 'sides', 'units', 'doses', 'patients',
        'billed_usd', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd', 'addressable_rank'] -%}
    {{ unless_hidden(measure, 'is_suppressed') }} as {{ measure }},
    {% endfor -%}
    {{ unless_hidden(share_of('addressable_usd', 'total_usd'), 'is_suppressed') }} as addressable_share,
    {{ unless_hidden('diagnosed_patients', 'is_diagnosis_suppressed') }} as diagnosed_patients,
    is_suppressed,
    is_diagnosis_suppressed
from shown
order by product_id, npi, unit_id
