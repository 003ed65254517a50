select
    product_id,
    product_name,
    {{ usd('price_usd') }} as price_usd,
    cast(effective_from as date) as effective_from,
    cast(effective_to as date) as effective_to
from {{ lake(source('config', 'product')) }}
