-- How much two sources tell of the same services. A service of a source counts for each pair that the source is in.
with sources as (
    select distinct source
    from {{ ref('int_refreshes__ranked') }}
),

pairs as (
    select
        one.source,
        other.source as other_source
    from sources as one
    inner join sources as other on one.source < other.source
),

services as (
    select
        pairs.source,
        pairs.other_source,
        cast(extract(year from service.service_date) as bigint) as service_year,
        service.patient_key,
        service.source = pairs.source or coalesce(array_contains(service.other_sources, pairs.source), false)
            as is_in_source,
        service.source = pairs.other_source
        or coalesce(array_contains(service.other_sources, pairs.other_source), false) as is_in_other
    from {{ ref('int_services__deduplicated') }} as service
    cross join pairs
),

counted as (
    select
        source,
        other_source,
        service_year,
        count(case when is_in_source and is_in_other then 1 end) as services_in_both,
        count(case when is_in_source and not is_in_other then 1 end) as services_only_in_source,
        count(case when is_in_other and not is_in_source then 1 end) as services_only_in_other_source,
        count(distinct case when is_in_source and is_in_other then patient_key end) as patients_in_both,
        count(distinct case when is_in_source and not is_in_other then patient_key end) as patients_only_in_source,
        count(distinct case when is_in_other and not is_in_source then patient_key end) as patients_only_in_other_source
    from services
    where is_in_source or is_in_other
    group by source, other_source, service_year
),

judged as (
    select
        counted.*,
        counted.patients_in_both between 1 and settings.suppression_threshold - 1
        or counted.patients_only_in_source between 1 and settings.suppression_threshold - 1
        or counted.patients_only_in_other_source between 1 and settings.suppression_threshold - 1 as is_suppressed
    from counted
    cross join {{ ref('stg_config__settings') }} as settings
)

select
    source,
    other_source,
    service_year,
    {% for measure in ['services_in_both', 'services_only_in_source', 'services_only_in_other_source'] -%}
    {{ unless_hidden('cast(' ~ measure ~ ' as bigint)', 'is_suppressed') }} as {{ measure }},
    {% endfor -%}
    {{ unless_hidden(
        share_of('services_in_both', 'services_in_both + services_only_in_source + services_only_in_other_source'),
        'is_suppressed'
    ) }} as overlap_share,
    is_suppressed
from judged
order by source, other_source, service_year
