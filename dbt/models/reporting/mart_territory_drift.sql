with judged as (
    select
        drift.*,
        coalesce(
            (drift.observed > 0 and drift.observed < settings.suppression_threshold)
            or (drift.expected > 0 and drift.expected < settings.suppression_threshold),
            false
        ) as is_suppressed
    from {{ ref('stg_monitoring__territory_drift') }} as drift
    cross join {{ ref('stg_config__settings') }} as settings
)

select
    judged.territory_id,
    territory.territory_name,
    judged.measure,
    {% for measure in ['observed', 'expected', 'change_share', 'p_value', 'q_value'] -%}
    {{ unless_hidden('judged.' ~ measure, 'judged.is_suppressed') }} as {{ measure }},
    {% endfor -%}
    judged.is_drift,
    judged.baseline_from,
    judged.baseline_to,
    judged.test_from,
    judged.test_to,
    judged.verdict,
    judged.is_suppressed
from judged
left join {{ ref('stg_territories__territories') }} as territory on judged.territory_id = territory.territory_id
order by judged.territory_id, judged.measure
