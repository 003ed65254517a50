{#
  Lines that do not count, since when, and why (docs/methods/claims.md, section 1). Everything else that was delivered is
  current from its own refresh on. A contested chain is judged once for each refresh that said something of it, with what
  was known by then, so that the lines of any past refresh can be had; a line that counts, is out and counts again has a
  row for each time it was out.

  1. replacements: which whole replacement a line belongs to, in the order of replacements
  2. known:        each line at each refresh that brought news, in the chain as it was linked then
  3. voids:        when the voids of a chain say that they were made
  4. reversals:    negative lines and what they cancel, first in first out
  5. judged:       what stands
  6. periods:      from the states at each refresh to the times that a line did not count
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget("chain_key", ref("int_claims__contested")) }}',
    post_hook='{{ hold("int_claims__contested") }}'
) }}
-- depends_on: {{ ref('int_claims__contested') }}

with renewed as (
    -- A replacement without a date of payment that says nothing new is the old one, sent again.
    select
        component_key,
        claim_id,
        part_of_order,
        min(refresh_order) as new_from_order
    from {{ ref('int_claims__versioned') }}
    where claim_frequency_code = '7' and paid_date is null and first_order = part_of_order
    group by component_key, claim_id, part_of_order
),

replacement_lines as (
    select
        version.component_key,
        version.version_rank,
        version.claim_id,
        version.paid_date,
        renewed.new_from_order,
        case
            when version.paid_date is null then version.part_of_order
            else min(version.part_of_order) over (
                partition by version.component_key, version.claim_id, version.paid_date
            )
        end as replacement_order
    from {{ ref('int_claims__versioned') }} as version
    left join renewed
        on
            version.component_key = renewed.component_key
            and version.claim_id = renewed.claim_id
            and version.part_of_order = renewed.part_of_order
            and version.paid_date is null
    where
        version.claim_frequency_code = '7'
        and not version.is_reversal
        and (version.paid_date is not null or renewed.new_from_order is not null)
),

replacements as (
    select
        component_key,
        version_rank,
        new_from_order,
        dense_rank() over (
            partition by component_key order by paid_date nulls first, replacement_order, claim_id
        ) as replacement_rank
    from replacement_lines
),

news as (
    select distinct
        component_key,
        refresh_order as as_of_order
    from {{ ref('int_claims__versioned') }}
),

known as (
    select
        news.as_of_order,
        version.component_key,
        coalesce(link.root_key, version.chain_key) as chain_as_of,
        version.version_rank,
        version.part_of_order,
        version.first_order,
        version.claim_id,
        version.claim_line_number,
        version.claim_frequency_code,
        version.paid_date,
        version.is_reversal,
        case
            when coalesce(replacement.new_from_order <= news.as_of_order, true) then replacement.replacement_rank
        end as replacement_rank
    from {{ ref('int_claims__versioned') }} as version
    inner join news
        on version.component_key = news.component_key and version.refresh_order <= news.as_of_order
    left join replacements as replacement
        on version.component_key = replacement.component_key and version.version_rank = replacement.version_rank
    left join {{ ref('int_claims__linked') }} as link
        on
            version.is_linked
            and version.chain_key = link.chain_key
            and news.as_of_order >= link.known_from_order
            and (link.known_to_order is null or news.as_of_order < link.known_to_order)
),

voids as (
    select
        as_of_order,
        component_key,
        chain_as_of,
        min(case when claim_frequency_code <> '8' then part_of_order end) as first_bill,
        max(case when claim_frequency_code = '8' then paid_date end) as last_paid_void,
        min(case when claim_frequency_code = '8' then first_order end) as first_void,
        max(case when claim_frequency_code = '8' then first_order end) as last_void,
        min(case when claim_frequency_code = '8' and paid_date is null then first_order end) as first_undated_void,
        max(case when claim_frequency_code = '8' and paid_date is null then first_order end) as last_undated_void
    from known
    group by as_of_order, component_key, chain_as_of
    having max(case when claim_frequency_code = '8' then 1 else 0 end) = 1
),

acts as (
    select distinct
        known.as_of_order,
        known.component_key,
        known.chain_as_of,
        version.content_key,
        known.is_reversal,
        {{ row_key([
            'version.act_key',
            'case when known.is_reversal then -version.allowed_usd else version.allowed_usd end',
            'case when known.is_reversal then -version.paid_usd else version.paid_usd end',
            'case when known.is_reversal then -version.charge_usd else version.charge_usd end'
        ]) }} as act_key,
        known.paid_date,
        known.first_order,
        known.claim_id,
        known.claim_line_number,
        known.claim_frequency_code
    from known
    inner join {{ ref('int_claims__versioned') }} as version
        on known.component_key = version.component_key and known.version_rank = version.version_rank
    where
        known.claim_frequency_code <> '8'
        and known.component_key in (
            select component_key
            from {{ ref('int_claims__versioned') }}
            where is_reversal
        )
),

placed as (
    select
        *,
        row_number() over (
            partition by as_of_order, component_key, chain_as_of, act_key, is_reversal
            order by
                paid_date nulls first, claim_id, claim_line_number nulls first, claim_frequency_code, first_order,
                content_key
        ) as place
    from acts
),

reversals as (
    select
        one.as_of_order,
        one.component_key,
        one.chain_as_of,
        one.content_key
    from placed as one
    inner join placed as other
        on
            one.as_of_order = other.as_of_order
            and one.component_key = other.component_key
            and one.chain_as_of = other.chain_as_of
            and one.act_key = other.act_key
            and one.place = other.place
            and one.is_reversal <> other.is_reversal
),

void_or_not as (
    select
        known.*,
        void.as_of_order is not null and (
            known.claim_frequency_code = '8'
            or coalesce(known.paid_date <= void.last_paid_void, false)
            or (
                known.paid_date is null
                and (void.first_void <= void.first_bill or known.first_order <= void.last_void)
            )
            or coalesce(
                known.paid_date is not null
                and (void.first_undated_void <= void.first_bill or known.first_order <= void.last_undated_void),
                false
            )
        ) as is_voided,
        void.as_of_order is not null and void.first_bill is null as is_without_bill
    from known
    left join voids as void
        on
            known.as_of_order = void.as_of_order
            and known.component_key = void.component_key
            and known.chain_as_of = void.chain_as_of
),

ruling as (
    select
        as_of_order,
        component_key,
        chain_as_of,
        max(replacement_rank) as replacement_rank
    from void_or_not
    where not is_voided and not is_reversal and claim_frequency_code = '7'
    group by as_of_order, component_key, chain_as_of
),

standing as (
    select
        bill.as_of_order,
        bill.component_key,
        max(bill.version_rank) as version_rank
    from void_or_not as bill
    left join ruling
        on
            bill.as_of_order = ruling.as_of_order
            and bill.component_key = ruling.component_key
            and bill.chain_as_of = ruling.chain_as_of
    where
        not bill.is_voided
        and not bill.is_reversal
        and case
            when ruling.as_of_order is null then bill.claim_frequency_code <> '7'
            else bill.replacement_rank = ruling.replacement_rank
        end
    group by bill.as_of_order, bill.component_key, bill.chain_as_of, bill.claim_line_number
),

judged as (
    select
        line.as_of_order,
        line.component_key,
        line.version_rank,
        case
            when line.is_voided then 'voided'
            when line.is_reversal or reversal.as_of_order is not null then 'reversed'
            when standing.as_of_order is null then 'superseded'
        end as line_status,
        (line.claim_frequency_code = '8' and line.is_without_bill)
        or (line.is_reversal and not line.is_voided and reversal.as_of_order is null) as is_orphan_void
    from (
        select
            void_or_not.*,
            version.content_key
        from void_or_not
        inner join {{ ref('int_claims__versioned') }} as version
            on
                void_or_not.component_key = version.component_key
                and void_or_not.version_rank = version.version_rank
    ) as line
    left join reversals as reversal
        on
            line.as_of_order = reversal.as_of_order
            and line.component_key = reversal.component_key
            and line.chain_as_of = reversal.chain_as_of
            and line.content_key = reversal.content_key
    left join standing
        on
            line.as_of_order = standing.as_of_order
            and line.component_key = standing.component_key
            and line.version_rank = standing.version_rank
),

turns as (
    select
        *,
        count(case when line_status is null then 1 end) over (
            partition by component_key, version_rank order by as_of_order
            rows between unbounded preceding and current row
        ) as turns_in
    from judged
),

periods as (
    select
        component_key,
        version_rank,
        min(case when line_status is not null then as_of_order end) as known_to_order,
        max_by(line_status, as_of_order) as line_status,
        max_by(is_orphan_void, as_of_order) as is_orphan_void,
        turns_in
    from turns
    where line_status is not null
    group by component_key, version_rank, turns_in
),

returns as (
    select
        component_key,
        version_rank,
        turns_in,
        min(as_of_order) as as_of_order
    from turns
    where line_status is null
    group by component_key, version_rank, turns_in
)

select
    version.refresh_id,
    version.file_sha256,
    version.file_row_number,
    version.chain_key,
    version.day_key,
    version.claim_day_key,
    version.patient_key,
    version.service_date,
    version.is_ahead,
    version.claim_type,
    version.hcpcs_code,
    version.icd10pcs_codes,
    version.has_procedure,
    version.has_date_and_patient,
    version.refresh_order as known_from_order,
    period.known_to_order,
    again.as_of_order as known_again_order,
    period.line_status,
    period.is_orphan_void
from periods as period
inner join {{ ref('int_claims__versioned') }} as version
    on period.component_key = version.component_key and period.version_rank = version.version_rank
left join returns as again
    on
        period.component_key = again.component_key
        and period.version_rank = again.version_rank
        and again.turns_in = period.turns_in + 1
