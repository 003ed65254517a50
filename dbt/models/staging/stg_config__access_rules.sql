-- A rule without a product is a rule for all products. A restricted rule that does not say how much is addressable
-- grants nothing.
select
    rule_id,
    lower(scope_kind) as scope_kind,
    scope_id,
    case
        when lower(cast(product_id as {{ dbt.type_string() }})) not in ('', '*', 'all')
            then cast(product_id as {{ dbt.type_string() }})
    end as product_id,
    lower(status) as access_status,
    cast(coalesce(addressable_share, 0) as decimal(9, 6)) as addressable_share,
    {{ as_text('reason') }} as reason,
    {{ as_text('source') }} as source,
    cast(effective_from as date) as effective_from,
    cast(effective_to as date) as effective_to
from {{ lake(source('config', 'access_rule')) }}
