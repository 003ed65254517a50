{#
  Patient-days that this build writes anew: those touched since the model furthest behind of all that are built by day.
  Empty in a full build, which writes everything. Each of those models forgets these days and writes them again.
#}
{{ config(post_hook='{{ hold("int_claims__touched") }}') }}

{% set later = should_full_refresh() == false %}

select distinct
    day_key,
    patient_key
from {{ ref('int_claims__touched') }}
where {% if later %}refresh_order > {{ held_by_all(models_built_by_day()) }}{% else %}false{% endif %}
