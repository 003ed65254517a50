{#
  Patient-days whose current lines a refresh changed: days of the lines that it brought, retired or reinstated, and days
  of lines that name a provider of whom it said something new (what it is, and where). Models that are built by
  patient-day read here what they have to build anew. A full build begins an empty log, for everything is new then.
#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook='{{ hold("int_claims__retired") }}'
) }}

{#- Mostly no directory says anything new; then no line has to be read for its providers. -#}
{% set has_changed = is_incremental() and has_rows(
    ref('int_providers__changed'), 'changed_order > ' ~ held_through('int_claims__touched')
) %}

with refreshes as (
    select distinct
        refresh_id,
        cast(refresh_order as integer) as refresh_order
    from {{ ref('stg_landing__refreshes') }}
    where
        {{ 'true' if is_incremental() else 'false' }}
        and refresh_order > {{ held_through('int_claims__touched') }}
        and refresh_order <= {{ held_through('int_claims__retired') }}
),

changes as (
    select
        provider.npi,
        refresh.refresh_order
    from {{ ref('int_providers__changed') }} as provider
    inner join refreshes as refresh on provider.changed_order = refresh.refresh_order
)

select
    refresh.refresh_order,
    line.day_key,
    line.patient_key
from {{ ref('stg_claims__lines') }} as line
inner join refreshes as refresh on line.refresh_id = refresh.refresh_id
where line.day_key is not null

union

select
    refresh.refresh_order,
    retired.day_key,
    retired.patient_key
from {{ ref('int_claims__retired') }} as retired
inner join refreshes as refresh
    on retired.known_to_order = refresh.refresh_order or retired.known_again_order = refresh.refresh_order
where retired.day_key is not null

union

select
    refresh.refresh_order,
    line.claim_day_key as day_key,
    line.patient_key
from {{ ref('stg_claims__lines') }} as line
inner join refreshes as refresh on line.refresh_id = refresh.refresh_id
where line.claim_day_key is not null

union

select
    refresh.refresh_order,
    retired.claim_day_key as day_key,
    retired.patient_key
from {{ ref('int_claims__retired') }} as retired
inner join refreshes as refresh
    on retired.known_to_order = refresh.refresh_order or retired.known_again_order = refresh.refresh_order
where retired.claim_day_key is not null

{%- for column in ['rendering_npi', 'operating_npi', 'billing_npi', 'facility_npi'] if has_changed %}

union

select
    changes.refresh_order,
    line.day_key,
    line.patient_key
from {{ ref('stg_claims__lines') }} as line
inner join changes on line.{{ column }} = changes.npi
where line.day_key is not null
{%- endfor %}
