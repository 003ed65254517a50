-- Providers who must not be shown on the as-of date (the day the last refresh became known).
with refreshes as (
    select max(known_on) as as_of_date
    from {{ ref('stg_landing__refreshes') }}
)

select distinct cast(opt_out.npi as {{ dbt.type_string() }}) as npi
from {{ lake(source('config', 'opt_out')) }} as opt_out
cross join refreshes
where {{ is_effective('refreshes.as_of_date', 'opt_out.effective_from', 'opt_out.effective_to') }}
