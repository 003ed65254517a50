select
    {{ as_text('territory_id') }} as territory_id,
    cast(line_number as bigint) as line_number,
    {{ as_text('product_id') }} as product_id,
    {{ as_text('component') }} as component,
    {{ usd('amount_usd') }} as amount_usd,
    {{ as_text('explanation') }} as explanation
from {{ lake(source('quotas', 'quota_line')) }}
