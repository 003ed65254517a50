select
    line.territory_id,
    line.line_number,
    line.product_id,
    coalesce(product.product_name, 'All products') as product_name,
    line.component,
    line.amount_usd,
    line.explanation
from {{ ref('stg_quotas__quota_lines') }} as line
left join {{ ref('stg_config__products') }} as product on line.product_id = product.product_id
order by line.territory_id, line.line_number
