{#
  All that adds up, added up once: services that were performed, the credit of everybody involved, and the patient-months
  of products whose rule is `diagnoses`, by performer, account, month and channel of payment. No prices, places or access:
  they are joined to cells, so that none of them has to look at services again.

  The performer is credited with what the others (int_services__involved) leave; each of them has a cell of his own, with
  nothing but his part. What is no procedure (post-operative care, a discarded drug, an add-on code) is not here, nor is its
  money. A diagnosis has no payer here: its visits are cells of the channel 'none'. Who the people of a cell are is told by
  one key: as many others make another cell.
#}
{% set key = ['product_id', 'npi', 'account_id', 'service_month', 'payer_channel'] %}
{% set measures = {
    'procedures': 'decimal(18, 4)', 'priced': 'decimal(18, 4)', 'involvements': 'decimal(18, 4)', 'sides': 'bigint',
    'units': 'decimal(18, 3)', 'doses': 'decimal(18, 4)', 'billed_usd': 'decimal(18, 2)', 'diagnosed_visits': 'bigint'
} %}

with performed as (
    select
        *,
        procedures as priced,
        procedures as involvements,
        cast(0 as bigint) as diagnosed_visits,
        patient_key as people
    from {{ ref('int_services__matched') }}
    where procedures > 0
),

-- A part of the credit goes from the performer to each other surgeon.
handed_on as (
    {%- for npi, part, people in [
        ('service.npi', '-shared.involvements', '0'), ('shared.npi', 'shared.involvements', 'service.patient_key')
    ] %}
    {{ 'union all' if not loop.first }}
    select
        service.product_id,
        {{ npi }} as npi,
        service.account_id,
        service.service_month,
        service.payer_channel,
        {{ part }} as involvements,
        {{ people }} as people
    from {{ ref('int_services__matched') }} as service
    inner join {{ ref('int_opportunity__shared') }} as shared
        on service.service_id = shared.service_id and service.product_id = shared.product_id
    {%- endfor %}
),

visits as (
    select
        product_id,
        npi,
        account_id,
        service_month,
        'none' as payer_channel,
        count(*) as diagnosed_visits,
        {{ sum_of_keys('patient_key') }} as people
    from {{ ref('int_patients__diagnosed') }}
    group by product_id, npi, account_id, service_month
),

priced_visits as (
    select
        product_id,
        npi,
        account_id,
        service_month,
        'none' as payer_channel,
        count(*) as priced,
        0 as people
    from {{ ref('int_volumes__diagnosed') }}
    group by product_id, npi, account_id, service_month
),

counted as (
    {%- for rows, counts in {
        'performed': measures, 'handed_on': ['involvements'], 'visits': ['diagnosed_visits'], 'priced_visits': ['priced']
    }.items() %}
    {{ 'union all' if not loop.first }}
    select
        {%- for measure, type in measures.items() %}
        cast({{ measure if measure in counts else ('null' if measure == 'doses' else 0) }} as {{ type }})
            as {{ measure }},
        {%- endfor %}
        people,
        {{ key | join(', ') }}
    from {{ rows }}
    {%- endfor %}
)

select
    {%- for measure, type in measures.items() %}
    cast(sum({{ measure }}) as {{ type }}) as {{ measure }},
    {%- endfor %}
    {{ row_key([sum_of_keys('people')]) }} as people_key,
    {{ key | join(', ') }}
from counted
group by {{ key | join(', ') }}
