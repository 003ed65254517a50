-- Captured and projected volume of line sources by month and area, at four levels that each hold all of it.
with areas as (
    {%- for level, column in area_levels().items() %}
    select
        product_id,
        '{{ level }}' as area_level,
        {{ column }} as area_id,
        service_month,
        cast(sum(procedures) as decimal(18, 4)) as procedures,
        cast(sum(completed) as decimal(24, 6)) as completed_procedures,
        cast(sum(projected) as decimal(24, 6)) as projected_procedures,
        max(greatest_factor) as greatest_factor,
        cast(sum(patients) as bigint) as site_patients,
        {{ usd('sum(total_usd)') }} as total_usd,
        {{ usd('sum(addressable_usd)') }} as addressable_usd,
        {{ usd('sum(phantom_usd)') }} as phantom_usd,
        {{ usd('sum(unknown_usd)') }} as unknown_usd
    from {{ ref('int_opportunity__placed') }}
    group by product_id, {{ column }}, service_month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    product_id,
    area_level,
    area_id,
    service_month,
    procedures,
    completed_procedures,
    projected_procedures,
    case when procedures > 0 then round(cast(projected_procedures as double) / procedures, 6) else 1 end
        as projection_factor,
    case when completed_procedures > 0 then round(cast(procedures as double) / completed_procedures, 6) else 1 end
        as completeness_share,
    greatest_factor,
    site_patients,
    total_usd,
    addressable_usd,
    phantom_usd,
    unknown_usd
from areas
order by product_id, area_level, area_id, service_month
