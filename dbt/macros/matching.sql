{# What a service brings to the products that it belongs to: columns of int_services__deduplicated. #}
{% macro columns_of_services() -%}
    {{ return([
        'service_id', 'patient_key', 'service_date', 'code_system', 'procedure_code', 'performing_npi', 'site_npi',
        'billing_account_npi', 'payer_channel', 'procedures', 'sides', 'units', 'doses', 'billed_usd', 'is_charge_based',
        'first_known_source', 'first_known_claim_type'
    ]) }}
{%- endmacro %}

{#
  A condition on rows of services: in a full build any, after it those of days that are renewed. A diagnosis on another day
  may decide of a service of a product that links them: with `of_patient` all days of these days' patients are meant.
#}
{% macro is_matched_anew(relation, of_patient=false) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- if of_patient -%}
    {{ is_renewed(prefix ~ 'patient_key', 'patient_key') }}
    {%- else -%}
    {{ is_renewed(day_key(prefix ~ 'patient_key', prefix ~ 'service_date')) }}
    {%- endif -%}
{%- endmacro %}

{# A pre-hook: what int_services__matched is about to match anew goes. #}
{% macro forget_matched() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where
        {{ is_matched_anew('') }}
        or (
            {{ is_matched_anew('', of_patient=true) }}
            and product_id in (select product_id from {{ ref('stg_config__value_set_rules') }} where is_linked)
        )
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{#
  Current lines with their code of a system, as services are made of them: procedures of an inpatient claim are dated by
  the claim. `wanted` is a condition that is asked before any line is read: a constant in a few rows.
#}
{% macro coded_lines(system, wanted) %}
        select
            source,
            claim_id,
            patient_key,
            {%- if system == 'hcpcs' %}
            service_date,
            hcpcs_code as code,
            {%- else %}
            coalesce(claim_start_date, service_date) as service_date,
            {{ explode('icd10pcs_codes') }} as code,
            {%- endif %}
            place_of_service_code,
            hcpcs_modifiers
        from {{ ref('int_claims__current') }}
        where
            patient_key is not null
            and {{ wanted }}
            {%- if system == 'hcpcs' %}
            and service_date is not null
            {%- else %}
            and claim_type = 'institutional'
            and coalesce(claim_start_date, service_date) is not null
            {%- endif %}
{%- endmacro %}
