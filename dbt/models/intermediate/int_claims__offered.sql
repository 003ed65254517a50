-- Lines that models built by patient-day read: all current ones in a full build, those of the renewed days after it.
{{ config(materialized='view') }}

select *
from {% if should_full_refresh() %}{{ ref('int_claims__current') }}{% else %}{{ ref('int_claims__renewed') }}{% endif %}

-- depends_on: {{ ref('int_claims__current') }}
-- depends_on: {{ ref('int_claims__renewed') }}
