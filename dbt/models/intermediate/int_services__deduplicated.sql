{#
  One row per service performed: a patient, a day, a procedure code, over all sources and claims. Professional and
  institutional bills, the 26 and TC parts and the assistants' bills of one service are one row; only a repeat
  (modifier 76 or 77) is a service of its own, so the third 76 of a surgeon and the third 76 of the hospital meet.

  1. lines:    claim lines with a code, numbered where they are repeats
  2. services: one row per patient, day, code and repeat; money summed over its lines
  3. sources:  where several sources tell of the same service, the money of the one that tells most
#}
with lines as (
    select
        attributed.patient_key,
        attributed.service_date,
        attributed.hcpcs_code,
        0 as repeat_number,
        attributed.performer_candidate,
        attributed.site_candidate,
        attributed.payer_channel,
        attributed.service_unit_quantity,
        attributed.allowed_amount,
        attributed.charge_amount,
        attributed.refresh_id
    from {{ ref('int_claims__attributed') }} as attributed
    where not attributed.is_repeat

    union all

    select
        attributed.patient_key,
        attributed.service_date,
        attributed.hcpcs_code,
        row_number() over (
            partition by
                attributed.source, attributed.claim_type, attributed.component, attributed.is_assistant,
                attributed.patient_key, attributed.service_date, attributed.hcpcs_code
            order by attributed.claim_id, attributed.claim_line_number
        ) as repeat_number,
        attributed.performer_candidate,
        attributed.site_candidate,
        attributed.payer_channel,
        attributed.service_unit_quantity,
        attributed.allowed_amount,
        attributed.charge_amount,
        attributed.refresh_id
    from {{ ref('int_claims__attributed') }} as attributed
    where attributed.is_repeat
),

refreshes as (
    select distinct
        refresh_id,
        cast(refresh_order as integer) as refresh_order,
        cast(source_number as integer) as source_number
    from {{ ref('stg_landing__refreshes') }}
),

services as (
    select
        line.patient_key,
        line.service_date,
        line.hcpcs_code,
        line.repeat_number,
        min(line.performer_candidate) as performer,
        min(line.site_candidate) as site,
        min(
            case line.payer_channel when 'medicare' then 1 when 'medicaid' then 2 when 'commercial' then 3 else 9 end
        ) as channel_rank,
        max(cast(line.service_unit_quantity as decimal(18, 3))) as service_units,
        sum({{ usd('coalesce(line.allowed_amount, line.charge_amount, 0)') }}) as billed_usd,
        max(case when line.allowed_amount is null then 1 else 0 end) as charge_based,
        count(*) as claim_lines,
        min(refresh.source_number) as first_source,
        max(refresh.source_number) as last_source,
        max(refresh.refresh_order) as last_refresh_order
    from lines as line
    left join refreshes as refresh on line.refresh_id = refresh.refresh_id
    group by line.patient_key, line.service_date, line.hcpcs_code, line.repeat_number
),

told_twice as (
    select
        line.patient_key,
        line.service_date,
        line.hcpcs_code,
        line.repeat_number,
        refresh.source_number,
        sum({{ usd('coalesce(line.allowed_amount, line.charge_amount, 0)') }}) as billed_usd
    from lines as line
    inner join services as service
        on
            line.patient_key = service.patient_key
            and line.service_date = service.service_date
            and line.hcpcs_code = service.hcpcs_code
            and line.repeat_number = service.repeat_number
    inner join refreshes as refresh on line.refresh_id = refresh.refresh_id
    where service.first_source <> service.last_source
    group by line.patient_key, line.service_date, line.hcpcs_code, line.repeat_number, refresh.source_number
),

sources as (
    select
        patient_key,
        service_date,
        hcpcs_code,
        repeat_number,
        max(billed_usd) as billed_usd
    from told_twice
    group by patient_key, service_date, hcpcs_code, repeat_number
)

select
    {{ row_key(['service.patient_key', 'service.service_date', 'service.hcpcs_code', 'service.repeat_number']) }}
        as service_id,
    service.patient_key,
    service.service_date,
    'hcpcs' as code_system,
    service.hcpcs_code as procedure_code,
    cast(service.repeat_number as integer) as repeat_number,
    substr(service.performer, 2) as performing_npi,
    substr(service.site, 2) as site_npi,
    cast(null as {{ dbt.type_string() }}) as billing_account_npi,
    1 as procedures,
    1 as sides,
    service.service_units as units,
    cast(null as decimal(18, 4)) as doses,
    coalesce(place.unit_id, 'unlocated') as unit_id,
    case service.channel_rank when 1 then 'medicare' when 2 then 'medicaid' when 3 then 'commercial' else 'unknown' end
        as payer_channel,
    {{ usd('coalesce(sources.billed_usd, service.billed_usd)') }} as billed_usd,
    service.charge_based = 1 as is_charge_based,
    cast(service.claim_lines as integer) as claim_lines,
    service.first_source <> service.last_source as is_multi_source,
    cast(service.last_refresh_order as integer) as last_refresh_order
from services as service
left join sources
    on
        service.patient_key = sources.patient_key
        and service.service_date = sources.service_date
        and service.hcpcs_code = sources.hcpcs_code
        and service.repeat_number = sources.repeat_number
left join {{ ref('int_providers__located') }} as place on substr(service.site, 2) = place.npi
