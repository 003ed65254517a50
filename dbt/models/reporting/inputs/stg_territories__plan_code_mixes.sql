select
    {{ as_text('plan_id') }} as plan_id,
    {{ as_text('product_id') }} as product_id,
    {{ as_text('code_system') }} as code_system,
    {{ as_text('code') }} as code,
    {{ usd('total_usd') }} as total_usd,
    cast(patients as bigint) as patients,
    cast(last_month as date) as last_month
from {{ lake(source('territories', 'plan_code_mix')) }}
