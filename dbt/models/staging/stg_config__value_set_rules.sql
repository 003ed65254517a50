{#
  The rule of every product. Where none is written, procedures count if the product lists any, else its diagnoses do;
  a list that is empty asks for nothing, like one that is absent.
#}
with listed as (
    select
        product_id,
        max(case when lower(code_system) <> 'icd10cm' then 1 else 0 end) = 1 as has_procedures
    from {{ lake(source('config', 'value_set_code')) }}
    where coalesce(lower(role), 'include') = 'include'
    group by product_id
),

written as (
    select
        product.product_id,
        coalesce(
            lower(rule.combine), case when listed.has_procedures then 'procedures' else 'diagnoses' end, 'procedures'
        ) as combine,
        coalesce(lower(rule.link_scope), 'claim') as link_scope,
        cast(coalesce(rule.link_days, 30) as integer) as link_days,
        {{ unless_empty('rule.modifiers_any') }} as modifiers_any,
        {{ unless_empty('rule.modifiers_none') }} as modifiers_none,
        {{ unless_empty('rule.places_of_service_any') }} as places_of_service_any,
        {{ unless_empty('rule.places_of_service_none') }} as places_of_service_none,
        {{ unless_empty('rule.taxonomies_any') }} as taxonomies_any,
        cast(rule.last_diagnosis_position as integer) as last_diagnosis_position,
        coalesce(lower(rule.count_by), 'events') as count_by
    from {{ lake(source('config', 'product')) }} as product
    left join {{ lake(source('config', 'value_set_rule')) }} as rule on product.product_id = rule.product_id
    left join listed on product.product_id = listed.product_id
)

select
    *,
    combine in ('procedures_and_diagnoses', 'procedures_or_diagnoses') as is_linked,
    coalesce(modifiers_any, modifiers_none, places_of_service_any, places_of_service_none) is not null
        as is_asked_of_lines,
    -- How strong a link must at least be; a diagnosis that stands for a procedure is on its claim.
    case
        when link_scope = 'line' then 3
        when link_scope = 'claim' or combine = 'procedures_or_diagnoses' then 2
        else 1
    end as least_link
from written
