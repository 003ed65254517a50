{#
  Lines that no longer count, and why. Everything else that was delivered is current, so the work here is only on claims
  that were delivered more than once or carry a replacement or a void, and only lines that the latest delivery itself
  has twice are ever sorted. Steps carry numbers for sources, deliveries and files instead of their long names.

  1. contested: claims with a line delivered twice, or with a frequency of 7 or 8
  2. versions:  their lines, each with the place of its delivery in the order (known_on, refresh_id)
  3. judged:    voided, superseded by a replacement of the claim, or still standing
  4. latest:    of the lines that stand, the delivery that counts; where it has the line twice, the content decides
#}
with contested as (
    select
        source,
        claim_id
    from {{ ref('stg_claims__lines') }}
    group by source, claim_id, claim_line_number
    having count(*) > 1

    union

    select
        source,
        claim_id
    from {{ ref('stg_claims__lines') }}
    where claim_frequency_code in ('7', '8')
),

files as (
    select
        refresh_id,
        file_sha256,
        dense_rank() over (order by source) as source_number,
        dense_rank() over (order by known_on, refresh_id) as delivery,
        row_number() over (order by known_on, refresh_id, file_sha256) as file_number
    from (
        select distinct
            source,
            known_on,
            refresh_id,
            file_sha256
        from {{ ref('stg_claims__lines') }}
    ) as delivered
),

versions as (
    select
        files.source_number,
        files.delivery,
        files.file_number,
        line.file_row_number,
        line.claim_id,
        line.claim_line_number,
        line.claim_frequency_code
    from {{ ref('stg_claims__lines') }} as line
    inner join contested
        on line.source = contested.source and line.claim_id = contested.claim_id
    inner join files
        on line.refresh_id = files.refresh_id and line.file_sha256 = files.file_sha256
),

events as (
    select
        source_number,
        claim_id,
        max(case when claim_frequency_code = '7' then delivery end) as last_replacement,
        max(case when claim_frequency_code = '8' then delivery end) as last_void,
        min(case when claim_frequency_code <> '8' then delivery end) as first_bill
    from versions
    group by source_number, claim_id
    having max(case when claim_frequency_code in ('7', '8') then 1 else 0 end) = 1
),

judged as (
    select
        version.source_number,
        version.delivery,
        version.file_number,
        version.file_row_number,
        version.claim_id,
        version.claim_line_number,
        event.claim_id is not null and event.first_bill is null as is_orphan_void,
        case
            when version.claim_frequency_code = '8' then 'voided'
            when version.delivery <= event.last_void then 'voided'
            -- A void that came before its claim waits for it.
            when event.last_void < event.first_bill and version.delivery = event.first_bill then 'voided'
            when version.delivery < event.last_replacement then 'superseded'
            when version.delivery = event.last_replacement and version.claim_frequency_code <> '7' then 'superseded'
            else 'standing'
        end as line_status
    from versions as version
    left join events as event
        on version.source_number = event.source_number and version.claim_id = event.claim_id
),

latest as (
    select
        source_number,
        claim_id,
        claim_line_number,
        max(delivery) as delivery
    from judged
    where line_status = 'standing'
    group by source_number, claim_id, claim_line_number
),

standing as (
    select
        judged.source_number,
        judged.file_number,
        judged.file_row_number,
        judged.claim_id,
        judged.claim_line_number,
        judged.delivery < latest.delivery as is_older
    from judged
    inner join latest
        on
            judged.source_number = latest.source_number
            and judged.claim_id = latest.claim_id
            and judged.claim_line_number is not distinct from latest.claim_line_number
    where judged.line_status = 'standing'
),

twice as (
    select
        source_number,
        claim_id,
        claim_line_number
    from standing
    where not is_older
    group by source_number, claim_id, claim_line_number
    having count(*) > 1
),

ranked as (
    select
        standing.file_number,
        standing.file_row_number,
        -- The content comes before the place in the file, so that a shuffled file gives the same line.
        row_number() over (
            partition by standing.source_number, standing.claim_id, standing.claim_line_number
            order by
                line.paid_date desc, line.allowed_amount desc, line.charge_amount desc, line.service_date desc,
                line.hcpcs_code desc, line.rendering_npi desc, line.file_sha256 desc, line.file_row_number desc
        ) as version_rank
    from standing
    inner join twice
        on
            standing.source_number = twice.source_number
            and standing.claim_id = twice.claim_id
            and standing.claim_line_number is not distinct from twice.claim_line_number
    inner join files on standing.file_number = files.file_number
    inner join {{ ref('stg_claims__lines') }} as line
        on
            standing.file_row_number = line.file_row_number
            and files.file_sha256 = line.file_sha256
            and files.refresh_id = line.refresh_id
    where not standing.is_older
),

retired as (
    select
        file_number,
        file_row_number,
        line_status,
        is_orphan_void
    from judged
    where line_status <> 'standing'

    union all

    select
        file_number,
        file_row_number,
        'superseded' as line_status,
        false as is_orphan_void
    from standing
    where is_older

    union all

    select
        file_number,
        file_row_number,
        'superseded' as line_status,
        false as is_orphan_void
    from ranked
    where version_rank > 1
)

select
    files.refresh_id,
    files.file_sha256,
    retired.file_row_number,
    retired.line_status,
    retired.is_orphan_void
from retired
inner join files on retired.file_number = files.file_number
