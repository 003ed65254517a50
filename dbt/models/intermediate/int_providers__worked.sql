-- What people performed, by site, product and month: what places of practice and provider events are read from.
select
    npi,
    account_id,
    product_id,
    service_month,
    cast(sum(procedures) as decimal(18, 4)) as procedures
from {{ ref('int_opportunity__measured') }}
where procedures > 0 and npi <> 'unattributed' and months_covered = 1
group by npi, account_id, product_id, service_month
