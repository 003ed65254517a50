-- An account is the site of service. Its unit is where the directory has it; a source that gives the place with the
-- volume may name several, of which the first in order is shown.
with accounts as (
    {{ opportunity_by(
        ref('int_opportunity__measured'), ['product_id', 'account_id', 'service_month', 'months_covered'],
        least={'unit_id': 'unit_id'}
    ) }}
)

select
    accounts.product_id,
    accounts.account_id,
    place.health_system_id,
    accounts.unit_id,
    accounts.service_month,
    cast(accounts.months_covered as bigint) as months_covered,
    accounts.procedures,
    accounts.patients,
    accounts.billed_usd,
    accounts.diagnosed_patients,
    accounts.total_usd,
    accounts.addressable_usd,
    accounts.phantom_usd,
    accounts.unknown_usd,
    accounts.months_covered = 1 as is_patients_additive
from accounts
left join {{ ref('int_providers__located') }} as place on accounts.account_id = place.npi
