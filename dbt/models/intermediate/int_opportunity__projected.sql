{#
  Captured and projected procedures of each cell: product, performer, site, month, payer channel, and source and claim type
  of the first knowledge. `projected = captured ÷ (completion factor × capture rate)`, docs/methods/opportunity.md,
  section 3.

  A month is as old as it was at its source's last delivery; one that was not over then counts as of age 0. An annual volume is
  whole when it comes.
#}
{% set amount = 'decimal(18, 6)' %}

with cells as (
    select
        product_id,
        npi,
        account_id,
        service_month,
        1 as months_covered,
        payer_channel,
        first_known_source as source,
        first_known_claim_type as claim_type,
        sum(procedures) as captured,
        sum(procedure_squares) as captured_squares,
        bit_or(people_bits) as people_bits
    from {{ ref('int_opportunity__services') }}
    group by
        product_id, npi, account_id, service_month, payer_channel, first_known_source, first_known_claim_type
),

located as (
    select
        cell.product_id,
        cell.npi,
        cell.account_id,
        coalesce(place.unit_id, 'unlocated') as unit_id,
        cell.service_month,
        cell.months_covered,
        cell.payer_channel,
        cell.source,
        cell.claim_type,
        cell.captured,
        cell.captured_squares,
        cell.people_bits
    from cells as cell
    left join {{ ref('int_accounts__placed') }} as place
        on
            cell.account_id = place.npi
            and cell.service_month >= place.from_month
            and cell.service_month < place.to_month

    union all

    select
        product_id,
        npi,
        account_id,
        unit_id,
        service_month,
        12 as months_covered,
        'medicare' as payer_channel,
        'annual' as source,
        'annual' as claim_type,
        sum(procedures) as captured,
        sum(procedures) as captured_squares,
        cast(0 as bigint) as people_bits
    from {{ ref('int_volumes__annual') }}
    group by product_id, npi, account_id, unit_id, service_month
),

reaches as (
    select
        source,
        delivery_month,
        max(age_months) as oldest_age
    from {{ ref('fct_completion_factor') }}
    group by source, delivery_month
),

aged as (
    select
        located.*,
        coalesce(unit.state, 'unlocated') as state,
        cast(greatest(
            least({{ months_between('located.service_month', 'reach.delivery_month') }} - 2, reach.oldest_age), 0
        ) as bigint) as age_months
    from located
    left join reaches as reach on located.source = reach.source
    left join {{ ref('stg_geography__units') }} as unit on located.unit_id = unit.unit_id
),

known as (
    select
        aged.*,
        coalesce(factor.completion_factor, 1) as completion_factor,
        coalesce(factor.standard_error / factor.completion_factor, 0) as completion_relative_error,
        coalesce(factor.is_known, aged.months_covered = 12) as is_completion_known,
        coalesce(rate.capture_rate, 1) as capture_rate,
        coalesce(rate.standard_error / rate.capture_rate, 0) as capture_relative_error,
        coalesce(rate.is_capture_given, false) as is_capture_given
    from aged
    left join {{ ref('fct_completion_factor') }} as factor
        on
            aged.source = factor.source
            and aged.claim_type = factor.claim_type
            and aged.payer_channel = factor.payer_channel
            and aged.age_months = factor.age_months
    left join {{ ref('int_capture__rates') }} as rate
        on
            aged.payer_channel = rate.payer_channel
            and aged.state = rate.state
            and aged.service_month = rate.service_month
),

projected as (
    select
        known.*,
        completion_factor * capture_rate as known_share,
        cast(captured / completion_factor as {{ amount }}) as completed,
        cast(captured / (completion_factor * capture_rate) as {{ amount }}) as projected_procedures
    from known
)

select
    product_id,
    npi,
    account_id,
    unit_id,
    state,
    service_month,
    cast(months_covered as bigint) as months_covered,
    payer_channel,
    source,
    claim_type,
    age_months,
    cast(captured as {{ amount }}) as captured,
    completion_factor,
    capture_rate,
    completed,
    projected_procedures as projected,
    cast(captured_squares * (1 - known_share) / (known_share * known_share) as decimal(24, 6)) as unseen_variance,
    cast(projected_procedures * completion_relative_error as {{ amount }}) as completion_error,
    cast(projected_procedures * capture_relative_error as {{ amount }}) as capture_error,
    is_completion_known,
    is_capture_given,
    people_bits
from projected
