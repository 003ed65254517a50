-- Where the people of referrals work, one unit each: where they saw and treated patients of the products most
-- often (of several, the first in order). Who is only named on claims is where the directory has him.
with seen as (
    select
        npi,
        account_id,
        count(*) as visits
    from {{ ref('int_diagnoses__matched') }}
    where not is_rule_out
    group by npi, account_id

    union all

    select
        npi,
        account_id,
        count(*) as visits
    from {{ ref('int_services__matched') }}
    where procedures > 0
    group by npi, account_id
),

people as (
    select from_npi as npi
    from {{ ref('int_referrals__paired') }}

    union

    select to_npi as npi
    from {{ ref('int_referrals__paired') }}
),

by_claims as (
    select
        seen.npi,
        place.unit_id
    from seen
    inner join {{ ref('int_providers__located') }} as place on seen.account_id = place.npi
    where place.unit_id <> 'unlocated'
    group by seen.npi, place.unit_id
    qualify row_number() over (partition by seen.npi order by sum(seen.visits) desc, place.unit_id) = 1
)

select
    people.npi,
    coalesce(by_claims.unit_id, directory.unit_id, 'unlocated') as unit_id
from people
left join by_claims on people.npi = by_claims.npi
left join {{ ref('int_providers__located') }} as directory on people.npi = directory.npi
