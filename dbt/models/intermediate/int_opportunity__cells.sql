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
{% set of_services = ['procedures', 'involvements', 'sides', 'units', 'doses', 'billed_usd'] %}

-- A part of the credit goes from the performer to each other surgeon.
with handed_on as (
    {%- for npi, part, person in [
        ('service.npi', '-shared.involvements', 'cast(0 as ' ~ key_type() ~ ')'),
        ('shared.npi', 'shared.involvements', 'service.patient_key')
    ] %}
    {{ 'union all' if not loop.first }}
    select
        service.product_id,
        {{ npi }} as npi,
        service.account_id,
        service.service_month,
        service.payer_channel,
        {{ part }} as involvements,
        {{ person }} as person
    from {{ ref('int_services__matched') }} as service
    inner join {{ ref('int_opportunity__shared') }} as shared
        on service.service_id = shared.service_id and service.product_id = shared.product_id
    {%- endfor %}
),

services as (
    select
        {{ key | join(', ') }},
        {%- for measure in of_services %}
        {{ 'procedures' if measure == 'involvements' else measure }} as {{ measure }},
        {%- endfor %}
        patient_key as person
    from {{ ref('int_services__matched') }}
    where procedures > 0

    union all

    select
        {{ key | join(', ') }},
        {%- for measure in of_services %}
        {%- set part = {'involvements': measure, 'doses': 'null'}.get(measure, 0) %}
        cast({{ part }} as {{ measures[measure] }}) as {{ measure }},
        {%- endfor %}
        person
    from handed_on
),

visits as (
    {%- for rows, is_visit in {'int_patients__diagnosed': 1, 'int_volumes__diagnosed': 0}.items() %}
    {{ 'union all' if not loop.first }}
    select
        product_id,
        npi,
        account_id,
        service_month,
        {{ 1 - is_visit }} as priced,
        {{ is_visit }} as diagnosed_visits,
        {{ 'patient_key' if is_visit else 'cast(0 as ' ~ key_type() ~ ')' }} as person
    from {{ ref(rows) }}
    {%- endfor %}
)

-- No service has the channel of visits, so each is grouped by itself.
select
    {%- for measure, type in measures.items() %}
    {%- set summed = {'priced': 'sum(procedures)', 'diagnosed_visits': 0}.get(measure, 'sum(' ~ measure ~ ')') %}
    cast({{ summed }} as {{ type }}) as {{ measure }},
    {%- endfor %}
    {{ row_key([sum_of_keys('person')]) }} as people_key,
    {{ key | join(', ') }}
from services
group by {{ key | join(', ') }}

union all

select
    {%- for measure, type in measures.items() %}
    {%- set summed = {'doses': 'null', 'priced': 'sum(priced)', 'diagnosed_visits': 'sum(diagnosed_visits)'} %}
    cast({{ summed.get(measure, 0) }} as {{ type }}) as {{ measure }},
    {%- endfor %}
    {{ row_key([sum_of_keys('person')]) }} as people_key,
    product_id,
    npi,
    account_id,
    service_month,
    'none' as payer_channel
from visits
group by product_id, npi, account_id, service_month
