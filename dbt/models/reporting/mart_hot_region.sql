{#
  Regions of which a unit (or the state) is withheld or held back are not shown, and ranks count those that are. Residents
  are public, so an excess tells a count: it is shown to the nearest 0.05 of what was shrunk.
#}
with hidden_units as (
    select
        disclosure.product_id,
        disclosure.geography_id as unit_id,
        unit.cbsa_code
    from {{ ref('int_disclosure__geographies') }} as disclosure
    inner join {{ ref('stg_geography__units') }} as unit on disclosure.geography_id = unit.unit_id
    where disclosure.geography_level = 'unit' and (disclosure.is_suppressed or disclosure.is_held_back)
),

hidden_regions as (
    select
        product_id,
        'unit' as region_kind,
        unit_id as region_id
    from hidden_units

    union all

    select distinct
        product_id,
        'cbsa' as region_kind,
        cbsa_code as region_id
    from hidden_units

    union all

    select
        product_id,
        'state' as region_kind,
        geography_id as region_id
    from {{ ref('int_disclosure__geographies') }}
    where geography_level = 'state' and (is_suppressed or is_held_back)
),

judged as (
    select
        region.*,
        hidden.region_id is not null
        or (region.procedures > 0 and region.procedures < settings.suppression_threshold) as is_suppressed
    from {{ ref('stg_ranking__hot_regions') }} as region
    left join hidden_regions as hidden
        on
            region.product_id = hidden.product_id
            and region.region_kind = hidden.region_kind
            and region.region_id = hidden.region_id
    cross join {{ ref('stg_config__settings') }} as settings
),

ranked as (
    select
        judged.*,
        row_number() over (
            partition by judged.product_id, judged.is_suppressed order by judged.region_rank, judged.region_id
        ) as shown_rank
    from judged
)

select
    ranked.product_id,
    product.product_name,
    ranked.region_kind,
    ranked.region_id,
    coalesce(unit.unit_name, ranked.region_id) as region_name,
    ranked.population,
    {{ unless_hidden('ranked.shown_rank', 'ranked.is_suppressed') }} as region_rank,
    {% for column in ['volume_excess_share', 'volume_excess_low', 'volume_excess_high', 'diagnosis_excess_share',
        'intensity_excess_share'] -%}
    {{ unless_hidden(twentieth('ranked.' ~ column), 'ranked.is_suppressed') }} as {{ column }},
    {% endfor -%}
    ranked.is_suppressed
from ranked
inner join {{ ref('stg_config__products') }} as product on ranked.product_id = product.product_id
left join {{ ref('stg_geography__units') }} as unit
    on ranked.region_kind = 'unit' and ranked.region_id = unit.unit_id
order by ranked.product_id, ranked.region_id
