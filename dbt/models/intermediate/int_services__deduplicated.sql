{#
  One row per service: a patient, a day, a procedure code and an occurrence, over all sources, claims and lines. The rules
  are section 2 of docs/methods/claims.md.

  Most services are told by one line and are done with it; many others by one line of the surgeon and one of the hospital.
  Only what is left is looked at line by line: several modifiers, repeats, more than one person, more than one source,
  denied and billed again. A service is worked out from the lines of one patient and day alone.

  1. repeated: keys of patient, day and code that more than one line has; a key is a hash, so that two services may share
     one: they are then grouped like the rest, by patient, day and code
  2. told_once, grouped: lines that are a service by themselves, and the other lines by patient, day and code
  3. plain:    what is one service without further questions
  4. detailed: the lines of the others, with their modifiers and occurrence; then by claim, by source, by service
  5. counted:  both together, with the rules for their codes and when they were first known: these are tables, so that the
     engine knows how few they are
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    tags=['by_day'],
    pre_hook='{{ forget("day_key", ref("int_days__renewed")) }}',
    post_hook='{{ hold("int_days__renewed") }}'
) }}
-- depends_on: {{ ref('int_days__renewed') }}
{% set asks_for_detail = effect_numbers(['repeat', 'co_surgeon', 'team', 'assistant', 'several']) %}
{% set is_plain %}
    (
        (claim_lines = 1 and coalesce(first_effect, 0) not in {{ asks_for_detail }})
        or (
            claim_lines = 2 and professional_lines = 1 and denied_lines = 0
            and coalesce(first_source = last_source, true)
            and (
                first_effect is null
                or first_effect = last_effect and first_effect in
                {{ effect_numbers(['bilateral', 'left', 'right', 'professional_component', 'discontinued_after',
                    'surgical_care']) }}
            )
        )
    )
{% endset %}
{% set key = ['patient_key', 'service_date', 'code_system', 'procedure_code'] %}

with source_names as (
    select distinct
        source_rank,
        source
    from {{ ref('int_refreshes__ranked') }}
),

lines as (
    select
        line.*,
        {{ row_key(['line.patient_key', 'line.service_date', 'line.procedure_code']) }} as line_key,
        refresh.source_rank,
        refresh.refresh_order,
        refresh.part_of_order,
        case line.payer_channel when 'medicare' then 1 when 'medicaid' then 2 when 'commercial' then 3 else 9 end
            as channel_rank
    from {{ ref('int_claims__attributed') }} as line
    left join {{ ref('int_refreshes__ranked') }} as refresh on line.refresh_id = refresh.refresh_id
    where {{ is_renewed(day_key('line.patient_key', 'line.service_date')) }}
),

repeated as (
    select line_key
    from lines
    where code_system = 'hcpcs'
    group by line_key
    having count(*) > 1
),

told_once as (
    select
        patient_key,
        service_date,
        procedure_code,
        person_candidate as person,
        site_candidate as site,
        billing_organisation_npi as billing_account_npi,
        channel_rank,
        effect_number as first_effect,
        service_unit_quantity as units,
        coalesce(allowed_amount, charge_amount, 0) as billed_usd,
        case when allowed_amount is null then 0 else 1 end as allowed_lines,
        1 as claim_lines,
        case when is_denied then 1 else 0 end as denied_lines,
        source_rank as first_source,
        refresh_order as last_refresh_order,
        {{ telling('part_of_order', 'claim_type') }} as first_told
    from lines
    where
        code_system = 'hcpcs'
        and coalesce(effect_number, 0) not in {{ asks_for_detail }}
        and line_key not in (select repeated.line_key from repeated)
),

told_often as (
    select *
    from lines
    where
        code_system = 'icd10pcs'
        or coalesce(effect_number, 0) in {{ asks_for_detail }}
        or line_key in (select repeated.line_key from repeated)
),

grouped as (
    select
        patient_key,
        service_date,
        procedure_code,
        min(person_candidate) as person,
        min(site_candidate) as site,
        min(billing_organisation_npi) as billing_account_npi,
        min(channel_rank) as channel_rank,
        min(effect_number) as first_effect,
        max(effect_number) as last_effect,
        max(service_unit_quantity) as units,
        sum(coalesce(allowed_amount, charge_amount, 0)) as billed_usd,
        count(allowed_amount) as allowed_lines,
        count(*) as claim_lines,
        sum(case when claim_type = 'professional' then 1 else 0 end) as professional_lines,
        sum(case when is_denied then 1 else 0 end) as denied_lines,
        min(source_rank) as first_source,
        max(source_rank) as last_source,
        max(refresh_order) as last_refresh_order,
        min({{ telling('part_of_order', 'claim_type') }}) as first_told
    from told_often
    where code_system = 'hcpcs'
    group by patient_key, service_date, procedure_code
),

plain as (
    select
        patient_key,
        service_date,
        'hcpcs' as code_system,
        procedure_code,
        0 as occurrence,
        substr(person, 2) as performing_npi,
        substr(site, 2) as site_npi,
        case when coalesce(first_effect, 0) <> {{ effect_number('technical_component') }} then billing_account_npi end
            as billing_account_npi,
        channel_rank,
        coalesce(first_effect, 0) not in {{ effects_without_service() }} as is_service,
        coalesce(first_effect, 0) = {{ effect_number('bilateral') }} as is_both_sides,
        case
            when coalesce(first_effect, 0) = {{ effect_number('discarded') }} then cast(0 as decimal(18, 3))
            else cast(coalesce(units, 0) as decimal(18, 3))
        end as units,
        cast(coalesce(units, 0) as decimal(18, 3)) as most_line_units,
        {{ usd('billed_usd') }} as billed_usd,
        allowed_lines < claim_lines as is_charge_based,
        denied_lines = claim_lines as is_denied_only,
        coalesce(first_effect, 0) in {{ effect_numbers(['discontinued_before', 'discontinued_after']) }}
            as is_discontinued,
        false as is_modifier_missing,
        false as is_shared,
        first_source as source_rank,
        null as other_sources,
        claim_lines,
        last_refresh_order,
        first_told
    from (
        select *
        from told_once

        union all

        select
            patient_key,
            service_date,
            procedure_code,
            person,
            site,
            billing_account_npi,
            channel_rank,
            first_effect,
            units,
            billed_usd,
            allowed_lines,
            claim_lines,
            denied_lines,
            first_source,
            last_refresh_order,
            first_told
        from grouped
        where {{ is_plain }}
    ) as groups
),

questioned as (
    select
        patient_key,
        service_date,
        'hcpcs' as code_system,
        procedure_code
    from grouped
    where not {{ is_plain }}

    union all

    select distinct
        {{ key | join(',\n        ') }}
    from told_often
    where code_system = 'icd10pcs'
),

detailed as (
    select
        line.*,
        {{ usd('coalesce(line.allowed_amount, line.charge_amount, 0)') }} as line_usd,
        case
            when line.is_assistant then null
            when line.is_no_service then '3'
            when line.is_technical_part then '2'
            when line.is_co_surgeon or line.is_team then '0'
            else '1'
        end || line.person_candidate as performer_candidate
    from ({{ detailed_lines('told_often', 'questioned') }}) as line
),

claims as (
    select
        {{ key | join(', ') }},
        occurrence,
        source_rank,
        source,
        sum(case when is_discarded then 0 else cast(coalesce(service_unit_quantity, 0) as decimal(18, 3)) end) as units,
        max(case when is_discarded then 0 else cast(coalesce(service_unit_quantity, 0) as decimal(18, 3)) end)
            as most_line_units,
        sum(case when is_denied then 0 else line_usd end) as accepted_usd,
        sum(line_usd) as submitted_usd,
        sum(case when allowed_amount is null and not is_denied then 1 else 0 end) as accepted_charges,
        sum(case when allowed_amount is null then 1 else 0 end) as submitted_charges,
        count(*) as claim_lines,
        sum(case when is_denied then 1 else 0 end) as denied_lines,
        bool_or(not is_no_service) as has_service_line,
        bool_or(is_bilateral) as has_bilateral_line,
        bool_or(is_left) as has_left_line,
        bool_or(is_right) as has_right_line,
        bool_or(is_discontinued) as has_discontinued_line,
        bool_or(is_co_surgeon or is_team or is_assistant) as has_shared_line,
        min(case when claim_type = 'professional' and not is_explained then substr(person_candidate, 2) end)
            as first_unexplained,
        max(case when claim_type = 'professional' and not is_explained then substr(person_candidate, 2) end)
            as last_unexplained,
        min(site_candidate) as site,
        min(
            case when is_technical_part then null when is_assistant then '2' when is_no_service then '3' else '1' end
            || billing_organisation_npi
        ) as biller,
        min(channel_rank) as channel_rank,
        max(refresh_order) as last_refresh_order,
        min({{ telling('part_of_order', 'claim_type') }}) as first_told
    from detailed
    group by {{ key | join(', ') }}, occurrence, source_rank, source, claim_type, claim_id
),

sources as (
    select
        {{ key | join(', ') }},
        occurrence,
        source_rank,
        source,
        row_number() over (partition by {{ key | join(', ') }}, occurrence order by source_rank) = 1 as is_first,
        max(units) as units,
        case when sum(denied_lines) < sum(claim_lines) then sum(accepted_usd) else sum(submitted_usd) end as billed_usd,
        case when sum(denied_lines) < sum(claim_lines) then sum(accepted_charges) else sum(submitted_charges) end
            as charges,
        max(most_line_units) as most_line_units,
        sum(claim_lines) as claim_lines,
        sum(denied_lines) as denied_lines,
        bool_or(has_service_line) as has_service_line,
        bool_or(has_bilateral_line) as has_bilateral_line,
        bool_or(has_left_line) as has_left_line,
        bool_or(has_right_line) as has_right_line,
        bool_or(has_discontinued_line) as has_discontinued_line,
        bool_or(has_shared_line) as has_shared_line,
        min(first_unexplained) as first_unexplained,
        max(last_unexplained) as last_unexplained,
        min(site) as site,
        min(biller) as biller,
        min(channel_rank) as channel_rank,
        max(last_refresh_order) as last_refresh_order,
        min(first_told) as first_told
    from claims
    group by {{ key | join(', ') }}, occurrence, source_rank, source
),

-- Where two people could have performed, the one who was paid most; an assistant is paid a part of it.
performers as (
    select
        {{ key | join(', ') }},
        occurrence,
        substr(performer_candidate, 3) as performing_npi
    from detailed
    where performer_candidate is not null
    group by {{ key | join(', ') }}, occurrence, performer_candidate
    qualify row_number() over (
        partition by {{ key | join(', ') }}, occurrence
        order by substr(performer_candidate, 1, 2), max(line_usd) desc, performer_candidate
    ) = 1
),

settled as (
    select
        {{ key | join(', ') }},
        occurrence,
        substr(min(site), 2) as site_npi,
        substr(min(biller), 2) as billing_account_npi,
        min(channel_rank) as channel_rank,
        bool_or(has_service_line) as is_service,
        bool_or(has_bilateral_line) or (bool_or(has_left_line) and bool_or(has_right_line)) as is_both_sides,
        max(case when is_first then units end) as units,
        max(most_line_units) as most_line_units,
        max(case when is_first then billed_usd end) as billed_usd,
        max(case when is_first then charges end) > 0 as is_charge_based,
        sum(denied_lines) = sum(claim_lines) as is_denied_only,
        bool_or(has_discontinued_line) as is_discontinued,
        coalesce(min(first_unexplained) <> max(last_unexplained), false) as is_modifier_missing,
        bool_or(has_shared_line) as is_shared,
        min(source_rank) as source_rank,
        array_sort(array_agg(source) filter (where not is_first)) as other_sources,
        sum(claim_lines) as claim_lines,
        max(last_refresh_order) as last_refresh_order,
        min(first_told) as first_told
    from sources
    group by {{ key | join(', ') }}, occurrence
),

services as (
    select *
    from plain

    union all

    select
        settled.patient_key,
        settled.service_date,
        settled.code_system,
        settled.procedure_code,
        settled.occurrence,
        performers.performing_npi,
        settled.site_npi,
        settled.billing_account_npi,
        settled.channel_rank,
        settled.is_service,
        settled.is_both_sides,
        settled.units,
        settled.most_line_units,
        settled.billed_usd,
        settled.is_charge_based,
        settled.is_denied_only,
        settled.is_discontinued,
        settled.is_modifier_missing,
        settled.is_shared,
        settled.source_rank,
        settled.other_sources,
        settled.claim_lines,
        settled.last_refresh_order,
        settled.first_told
    from settled
    left join performers
        on
            settled.patient_key = performers.patient_key
            and settled.service_date = performers.service_date
            and settled.code_system = performers.code_system
            and settled.procedure_code = performers.procedure_code
            and settled.occurrence = performers.occurrence
),

counted as (
    select
        service.*,
        rule.unit_kind,
        rule.dose_per_unit,
        rule.max_units,
        case when service.is_service and not coalesce(rule.is_add_on, false) then 1 else 0 end as procedures,
        case
            when service.is_both_sides or (coalesce(rule.is_two_sided, false) and service.most_line_units >= 2) then 2
            else 1
        end as sides_of_body,
        case
            when rule.unit_kind = 'event' or service.code_system = 'icd10pcs' then cast(1 as decimal(18, 3))
            else service.units
        end as units_billed,
        least(service.first_told, coalesce(before.first_told, service.first_told)) as told
    from services as service
    left join {{ ref('int_services__told_before') }} as before
        on
            service.patient_key = before.patient_key
            and {{ day_key('service.patient_key', 'service.service_date') }} = before.day_key
            and service.code_system = before.code_system
            and service.procedure_code = before.procedure_code
    left join {{ ref('int_codes__ruled') }} as rule
        on service.code_system = rule.code_system and service.procedure_code = rule.code
)

select
    {{ row_key(['counted.patient_key', 'counted.service_date', 'counted.code_system', 'counted.procedure_code',
        'counted.occurrence']) }} as service_id,
    counted.patient_key,
    counted.service_date,
    {{ day_key('counted.patient_key', 'counted.service_date') }} as day_key,
    counted.code_system,
    counted.procedure_code,
    cast(counted.occurrence as integer) as occurrence,
    counted.performing_npi,
    counted.site_npi,
    counted.billing_account_npi,
    case counted.channel_rank when 1 then 'medicare' when 2 then 'medicaid' when 3 then 'commercial' else 'unknown' end
        as payer_channel,
    cast(counted.procedures as integer) as procedures,
    cast(counted.procedures * counted.sides_of_body as integer) as sides,
    cast(least(counted.units_billed, coalesce(counted.max_units, counted.units_billed)) as decimal(18, 3)) as units,
    case
        when counted.unit_kind = 'dose'
            then cast(
                least(counted.units_billed, coalesce(counted.max_units, counted.units_billed)) * counted.dose_per_unit
                as decimal(18, 4)
            )
    end as doses,
    {{ usd('counted.billed_usd') }} as billed_usd,
    counted.is_charge_based,
    counted.is_denied_only,
    counted.is_discontinued,
    counted.is_modifier_missing,
    coalesce(counted.units_billed > counted.max_units, false) as is_units_capped,
    counted.other_sources is not null as is_multi_source,
    counted.is_shared,
    source.source,
    counted.other_sources,
    cast(counted.claim_lines as integer) as claim_lines,
    cast(counted.last_refresh_order as integer) as last_refresh_order,
    {{ telling_order('counted.told') }} as first_known_order,
    first_refresh.source as first_known_source,
    {{ telling_claim_type('counted.told') }} as first_known_claim_type
from counted
left join source_names as source on counted.source_rank = source.source_rank
left join {{ ref('int_refreshes__ranked') }} as first_refresh
    on {{ telling_order('counted.told') }} = first_refresh.refresh_order
