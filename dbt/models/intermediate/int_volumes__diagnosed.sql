{#
  The volume of products whose rule is `diagnoses`: a diagnosed patient is worth their price once in every month in
  which he is seen with the diagnosis, at one person and account, however many saw him. So dollars add up over places,
  months and products, as those of procedures do.
#}
select
    diagnosed.product_id,
    diagnosed.npi,
    diagnosed.account_id,
    diagnosed.service_month,
    diagnosed.patient_key
from {{ ref('int_patients__diagnosed') }} as diagnosed
inner join {{ ref('stg_config__value_set_rules') }} as rule on diagnosed.product_id = rule.product_id
where rule.combine = 'diagnoses'
qualify row_number() over (
    partition by diagnosed.product_id, diagnosed.patient_key, diagnosed.service_month
    order by case when diagnosed.npi = 'unattributed' then 1 else 0 end, diagnosed.npi, diagnosed.account_id
) = 1
