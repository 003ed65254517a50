{#
  Services that were performed, added up once for everything that needs no single service: cells (int_opportunity__cells),
  what is projected (int_opportunity__projected) and trends (int_trends__counted). What is no procedure (post-operative
  care, a discarded drug, an add-on code) is not here, nor is its money.
#}
select
    product_id,
    npi,
    account_id,
    service_month,
    payer_channel,
    source,
    first_known_source,
    first_known_claim_type,
    cast(sum(procedures) as decimal(18, 4)) as procedures,
    cast(sum(procedures * procedures) as decimal(38, 8)) as procedure_squares,
    -- 1 January 1900 was a Monday.
    cast(sum(case
        when mod({{ dbt.datediff("cast('1900-01-01' as date)", 'service_date', 'day') }}, 7) in (5, 6) then procedures
        else 0
    end) as decimal(18, 4)) as weekend_procedures,
    cast(sum(sides) as bigint) as sides,
    cast(sum(units) as decimal(18, 3)) as units,
    cast(sum(doses) as decimal(18, 4)) as doses,
    cast(sum(billed_usd) as decimal(18, 2)) as billed_usd,
    {{ sum_of_keys('patient_key') }} as people_sum,
    bit_or({{ person_bit('patient_key') }}) as people_bits
from {{ ref('int_services__matched') }}
where procedures > 0
group by
    product_id, npi, account_id, service_month, payer_channel, source, first_known_source, first_known_claim_type
