-- Current lines of the patient-days that this build writes anew, read from the lake once for all models that need them.
{% set later = should_full_refresh() == false %}

select line.*
from {{ ref('int_claims__current') }} as line
{% if later %}
where
    line.day_key in (select day_key from {{ ref('int_days__renewed') }})
    or line.claim_day_key in (select day_key from {{ ref('int_days__renewed') }})
{% else %}
where false
{% endif %}
-- depends_on: {{ ref('int_days__renewed') }}
