select
    {{ as_text('product_id') }} as product_id,
    {{ as_text('region_kind') }} as region_kind,
    {{ as_text('region_id') }} as region_id,
    cast(region_rank as bigint) as region_rank,
    cast(score as double) as score,
    cast(population as bigint) as population,
    cast(procedures as double) as procedures,
    cast(volume_excess_share as double) as volume_excess_share,
    cast(volume_excess_low as double) as volume_excess_low,
    cast(volume_excess_high as double) as volume_excess_high,
    cast(diagnosis_excess_share as double) as diagnosis_excess_share,
    cast(intensity_excess_share as double) as intensity_excess_share,
    {{ as_text('reasons') }} as reasons
from {{ lake(source('ranking', 'hot_region')) }}
