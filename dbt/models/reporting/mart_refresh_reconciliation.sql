select
    refresh_id,
    source,
    known_on,
    delivered_rows,
    accepted_rows,
    quarantined_rows,
    accepted_lines,
    superseded_lines,
    voided_lines,
    reversed_lines,
    orphan_void_lines,
    current_lines,
    lines_without_procedure,
    lines_without_date_or_patient,
    services,
    services_located,
    services_unlocated
from {{ ref('fct_refresh_reconciliation') }}
order by refresh_id
