{#
  Access of a product at a site from day to day, as the rules have it: the facility's own rule before its health system's, a
  rule for the product before one for all, the later before the earlier. Only days on which a rule speaks have a row;
  on all others the setting default_access_status holds. A facility belongs to the system that it was last known in.

  1. candidates: every rule, at every site that it speaks of
  2. spans:      a site's days, cut wherever one of its rules begins or ends
  3. ruled:      the one rule of each span
  4. runs:       neighbouring spans of one rule are one
#}
{% set first_day = "cast('1900-01-01' as date)" %}
{% set last_day = "cast('9999-12-31' as date)" %}

with rules as (
    select
        rule.rule_id,
        rule.scope_kind,
        rule.scope_id,
        product.product_id,
        rule.product_id is not null as is_for_product,
        rule.access_status,
        rule.addressable_share,
        rule.reason,
        rule.source,
        rule.effective_from,
        coalesce(rule.effective_from, {{ first_day }}) as first_date,
        coalesce(rule.effective_to, {{ last_day }}) as last_date
    from {{ ref('stg_config__access_rules') }} as rule
    inner join {{ ref('stg_config__products') }} as product
        on rule.product_id is null or rule.product_id = product.product_id
),

candidates as (
    select
        rules.*,
        rules.scope_id as site_npi
    from rules
    where rules.scope_kind = 'facility'

    union all

    select
        rules.*,
        facility.facility_npi as site_npi
    from rules
    inner join {{ ref('stg_directory__facilities') }} as facility on rules.scope_id = facility.health_system_id
    where rules.scope_kind = 'health_system'
),

cuts as (
    select
        product_id,
        site_npi,
        first_date
    from candidates

    union

    select
        product_id,
        site_npi,
        {{ add_days('last_date', 1) }} as first_date
    from candidates
    where last_date < {{ last_day }}
),

spans as (
    select
        product_id,
        site_npi,
        first_date,
        lead(first_date) over (partition by product_id, site_npi order by first_date) as next_date
    from cuts
),

ruled as (
    select
        span.product_id,
        span.site_npi,
        span.first_date,
        span.next_date,
        rule.rule_id,
        rule.scope_kind,
        rule.access_status,
        rule.addressable_share,
        rule.reason,
        rule.source
    from spans as span
    inner join candidates as rule
        on
            span.product_id = rule.product_id
            and span.site_npi = rule.site_npi
            and span.first_date >= rule.first_date
            and span.first_date <= rule.last_date
    qualify row_number() over (
        partition by span.product_id, span.site_npi, span.first_date
        order by
            case when rule.scope_kind = 'facility' then 0 else 1 end,
            case when rule.is_for_product then 0 else 1 end,
            rule.first_date desc,
            rule.rule_id
    ) = 1
),

begun as (
    select
        *,
        case
            when
                lag(rule_id) over (partition by product_id, site_npi order by first_date) = rule_id
                and lag(next_date) over (partition by product_id, site_npi order by first_date) = first_date
                then 0
            else 1
        end as is_begin
    from ruled
),

runs as (
    select
        *,
        sum(is_begin) over (
            partition by product_id, site_npi order by first_date rows between unbounded preceding and current row
        ) as status_number
    from begun
)

select
    product_id,
    site_npi,
    cast(status_number as bigint) as status_number,
    case when min(first_date) > {{ first_day }} then min(first_date) end as effective_from,
    case when count(next_date) = count(*) then {{ add_days('max(next_date)', -1) }} end as effective_to,
    min(access_status) as access_status,
    min(addressable_share) as addressable_share,
    rule_id,
    min(scope_kind) as scope_kind,
    min(reason) as reason,
    min(source) as source
from runs
group by product_id, site_npi, status_number, rule_id
