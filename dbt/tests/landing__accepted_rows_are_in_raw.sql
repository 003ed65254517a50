-- What landing said it accepted and set aside is what lies in the raw tables.
with told as (
    select
        refresh_id,
        sum(case when entity = 'medical_claim' then accepted_rows else 0 end) as accepted_lines,
        sum(quarantined_rows) as quarantined_rows
    from {{ ref('stg_landing__refreshes') }}
    group by refresh_id
),

quarantine as (
    select
        refresh_id,
        count(distinct cast(file_row_number as {{ dbt.type_string() }}) || ' ' || file_sha256) as quarantined_rows
    from {{ ref('stg_landing__quarantine') }}
    group by refresh_id
)

select
    told.refresh_id,
    told.accepted_lines,
    reconciliation.accepted_lines as raw_lines,
    told.quarantined_rows,
    quarantine.quarantined_rows as raw_quarantined_rows
from told
inner join {{ ref('fct_refresh_reconciliation') }} as reconciliation on told.refresh_id = reconciliation.refresh_id
left join quarantine on told.refresh_id = quarantine.refresh_id
where
    told.accepted_lines <> reconciliation.accepted_lines
    or told.quarantined_rows <> coalesce(quarantine.quarantined_rows, 0)
