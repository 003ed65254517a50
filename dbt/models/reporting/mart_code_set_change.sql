select
    change.product_id,
    product.product_name,
    change.effective_from,
    change.releases,
    change.codes_added,
    change.codes_deleted,
    change.codes_revised,
    change.codes_without_successor,
    change.codes_unmapped,
    change.deleted_codes,
    change.successors,
    change.unmapped_codes,
    -- Rounded: with the product's total, the exact share of a code would tell what is withheld elsewhere.
    {{ unless_hidden('round(change.product_share, 3)', 'change.is_suppressed') }} as product_share,
    change.is_suppressed
from (
    select
        changed.*,
        changed.patients between 1 and settings.suppression_threshold - 1 as is_suppressed
    from {{ ref('fct_code_set_change') }} as changed
    cross join {{ ref('stg_config__settings') }} as settings
) as change
inner join {{ ref('stg_config__products') }} as product on change.product_id = product.product_id
order by change.product_id, change.effective_from
