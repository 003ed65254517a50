select
    {{ as_text('territory_id') }} as territory_id,
    {{ as_text('rep_id') }} as rep_id,
    {{ as_text('rep_name') }} as rep_name,
    cast(fit_score as double) as fit_score,
    cast(experience_fit as double) as experience_fit,
    cast(specialty_fit as double) as specialty_fit,
    cast(base_miles as double) as base_miles,
    cast(is_vacant as boolean) as is_vacant,
    {{ as_text('note') }} as note
from {{ lake(source('field_plan', 'rep_assignment')) }}
