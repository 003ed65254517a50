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
    {% for measure in ['observed', 'expected'] -%}
    {{ unless_hidden(
        rounded_to('judged.' ~ measure,
            "case judged.measure when 'all' then steps.usd_step else steps.procedure_step end"),
        'judged.is_suppressed'
    ) }} as {{ measure }},
    {% endfor -%}
    {% for measure, digits in [('change_share', 2), ('p_value', 4), ('q_value', 4)] -%}
    {{ unless_hidden('round(judged.' ~ measure ~ ', ' ~ digits ~ ')', 'judged.is_suppressed') }} as {{ measure }},
    {% endfor -%}
    judged.is_drift,
    judged.baseline_from,
    judged.baseline_to,
    judged.test_from,
    judged.test_to,
    judged.verdict,
    judged.is_suppressed
from judged
cross join {{ ref('int_disclosure__steps') }} as steps
left join {{ ref('stg_territories__territories') }} as territory on judged.territory_id = territory.territory_id
order by judged.territory_id, judged.measure
