{#
  How far each source's data reaches. The last `blind_months` of a line source are still filling up (claims run-out) and
  are not used; an annual volume is whole when it comes.
#}
with as_of as (
    select refresh_id as as_of_refresh
    from {{ ref('stg_landing__refreshes') }}
    qualify row_number() over (order by refresh_order desc, refresh_id) = 1
),

sources as (
    select
        source,
        'lines' as source_kind,
        max(case when current_lines > 0 and not is_ahead then service_month end) as last_service_month
    from {{ ref('int_claims__counted') }}
    group by source

    union all

    select
        source,
        'annual' as source_kind,
        cast(cast(max(service_year) as {{ dbt.type_string() }}) || '-12-01' as date) as last_service_month
    from {{ ref('stg_part_b__volumes') }}
    group by source
)

select
    sources.source,
    sources.source_kind,
    as_of.as_of_refresh,
    sources.last_service_month,
    case
        when sources.source_kind = 'annual' then sources.last_service_month
        else {{ add_months('sources.last_service_month', '-1 * settings.blind_months') }}
    end as last_usable_month
from sources
cross join as_of
cross join {{ ref('stg_config__settings') }} as settings
