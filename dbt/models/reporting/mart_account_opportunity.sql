with shown as (
    select
        potential.*,
        product.product_name,
        account.provider_name as account_name,
        account.facility_type,
        account.health_system_id,
        account.health_system_name,
        coalesce(access.access_status, settings.default_access_status) as access_status,
        unit.unit_name,
        unit.state,
        assignment.territory_id,
        disclosure.is_suppressed,
        disclosure.is_diagnosis_suppressed,
        disclosure.is_suppressed or coalesce(
            potential.patients_billed between 1 and settings.suppression_threshold - 1, false
        ) as is_billing_suppressed,
        row_number() over (
            partition by potential.product_id, disclosure.is_suppressed
            order by potential.addressable_usd desc, potential.procedures desc, potential.account_id, potential.unit_id
        ) as addressable_rank
    from {{ ref('int_potential__by_account') }} as potential
    inner join {{ ref('int_disclosure__accounts') }} as disclosure
        on
            potential.product_id = disclosure.product_id
            and potential.account_id = disclosure.account_id
            and potential.unit_id = disclosure.unit_id
    inner join {{ ref('stg_config__products') }} as product on potential.product_id = product.product_id
    cross join {{ ref('stg_config__settings') }} as settings
    left join {{ ref('int_providers__located') }} as account on potential.account_id = account.npi
    left join {{ ref('int_access__resolved') }} as access
        on potential.product_id = access.product_id and potential.account_id = access.site_npi
    left join {{ ref('stg_geography__units') }} as unit on potential.unit_id = unit.unit_id
    left join {{ ref('stg_territories__unit_assignments') }} as assignment on potential.unit_id = assignment.unit_id
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
    {% for measure in ['procedures', 'sides', 'units', 'doses', 'patients',
        'billed_usd', 'total_usd', 'addressable_usd', 'phantom_usd', 'unknown_usd', 'providers', 'addressable_rank'] -%}
    {{ unless_hidden(measure, 'is_suppressed') }} as {{ measure }},
    {% endfor -%}
    {{ unless_hidden('procedures_billed', 'is_billing_suppressed') }} as procedures_billed,
    {{ unless_hidden('diagnosed_patients', 'is_diagnosis_suppressed') }} as diagnosed_patients,
    is_suppressed,
    is_diagnosis_suppressed,
    is_billing_suppressed
from shown
order by product_id, account_id, unit_id
