{#
  Where the people who perform practise. A share is shown, in tenths, where nothing could follow from it: every cell of the
  person and of its sites is shown as it is (neither suppressed nor held back), and each of its sites has more patients
  of it than the threshold hides.
#}
with closed_people as (
    select distinct npi
    from {{ ref('int_disclosure__providers') }}
    where is_suppressed or is_held_back
),

closed_accounts as (
    select distinct account_id
    from {{ ref('int_disclosure__accounts') }}
    where is_suppressed or is_held_back
),

opted_out as (
    select distinct npi
    from {{ ref('int_disclosure__providers') }}
    where is_opted_out
),

judged as (
    select
        site.*,
        max(
            case
                when closed_people.npi is not null or closed_accounts.account_id is not null then 1
                when site.patients < settings.suppression_threshold then 1
                else 0
            end
        ) over (partition by site.npi) = 1 as is_suppressed
    from {{ ref('int_providers__sites') }} as site
    cross join {{ ref('stg_config__settings') }} as settings
    left join closed_people on site.npi = closed_people.npi
    left join closed_accounts on site.site_id = closed_accounts.account_id
    left join opted_out on site.npi = opted_out.npi
    where site.site_origin = 'claims' and opted_out.npi is null
)

select
    judged.npi,
    person.provider_name,
    person.specialty,
    judged.site_id,
    place.provider_name as site_name,
    place.facility_type,
    place.health_system_id,
    place.health_system_name,
    judged.unit_id,
    unit.unit_name,
    unit.state,
    {{ unless_hidden('round(judged.site_share, 1)', 'judged.is_suppressed') }} as site_share,
    {{ unless_hidden('judged.site_rank', 'judged.is_suppressed') }} as site_rank,
    judged.is_registry_elsewhere,
    judged.is_suppressed
from judged
left join {{ ref('int_providers__located') }} as person on judged.npi = person.npi
left join {{ ref('int_providers__located') }} as place on judged.site_id = place.npi
left join {{ ref('stg_geography__units') }} as unit on judged.unit_id = unit.unit_id
order by judged.npi, judged.site_id
