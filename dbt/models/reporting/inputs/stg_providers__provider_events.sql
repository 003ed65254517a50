select
    {{ as_text('npi') }} as npi,
    {{ as_text('event') }} as event_name,
    cast(event_month as date) as event_month,
    {{ as_text('product_id') }} as product_id,
    cast(earliest_month as date) as earliest_month,
    cast(latest_month as date) as latest_month,
    {{ as_text('value_before') }} as value_before,
    {{ as_text('value_after') }} as value_after,
    {{ as_text('evidence') }} as evidence,
    cast(confidence as double) as confidence,
    cast(procedures_before as double) as procedures_before,
    cast(procedures_after as double) as procedures_after
from {{ lake(source('providers', 'provider_event')) }}
