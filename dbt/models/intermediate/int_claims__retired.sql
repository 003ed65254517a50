{#
  Lines that no longer count, and why. Everything else that was delivered is current, so the work here is only on claims
  that were delivered more than once or carry a replacement or a void; the rest of the claims is never sorted.

  1. contested: claims with a line delivered twice, or with a frequency of 7 or 8
  2. marked:    their lines, with the claim's last replacement and the delivery through which it is void
  3. ranked:    each line's outcome; among the lines that survive, the latest version first
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

versions as (
    select
        line.source,
        line.refresh_id,
        line.file_sha256,
        line.file_row_number,
        line.claim_id,
        line.claim_line_number,
        line.claim_frequency_code,
        line.service_date,
        line.hcpcs_code,
        line.rendering_npi,
        line.paid_date,
        line.allowed_amount,
        line.charge_amount,
        -- Deliveries in their order: known_on has a fixed width, so text sorts as the pair would.
        cast(line.known_on as {{ dbt.type_string() }}) || ' ' || line.refresh_id as delivery
    from {{ ref('stg_claims__lines') }} as line
    inner join contested
        on line.source = contested.source and line.claim_id = contested.claim_id
),

claims as (
    select
        source,
        claim_id,
        max(case when claim_frequency_code = '7' then delivery end) as last_replacement,
        max(case when claim_frequency_code = '8' then delivery end) as last_void,
        min(case when claim_frequency_code <> '8' then delivery end) as first_bill
    from versions
    group by source, claim_id
),

marked as (
    select
        version.*,
        claim.last_replacement,
        claim.first_bill is null as is_orphan_void,
        -- A void that came before its claim waits for it.
        case
            when claim.last_void < claim.first_bill then claim.first_bill
            else claim.last_void
        end as void_through
    from versions as version
    inner join claims as claim
        on version.source = claim.source and version.claim_id = claim.claim_id
),

judged as (
    select
        *,
        case
            when claim_frequency_code = '8' or delivery <= void_through then 'voided'
            when delivery < last_replacement then 'superseded'
            when delivery = last_replacement and claim_frequency_code <> '7' then 'superseded'
            else 'current'
        end as line_status
    from marked
),

ranked as (
    select
        *,
        -- Within one delivery the content decides before the place in the file does, so that a shuffled file
        -- gives the same line.
        row_number() over (
            partition by source, claim_id, claim_line_number, line_status
            order by
                delivery desc, paid_date desc, allowed_amount desc, charge_amount desc, service_date desc,
                hcpcs_code desc, rendering_npi desc, file_sha256 desc, file_row_number desc
        ) as version_rank
    from judged
)

select
    source,
    refresh_id,
    file_sha256,
    file_row_number,
    claim_id,
    claim_line_number,
    case when line_status = 'voided' then 'voided' else 'superseded' end as line_status,
    is_orphan_void
from ranked
where line_status <> 'current' or version_rank > 1
