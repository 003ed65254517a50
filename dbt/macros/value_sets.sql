{#
  Is `code` one of those that an entry of a value set writes down? Exact, or from `code` to `code_to` by as many
  characters as each has, so that E08 to E13 holds E139. A history or screening code is meant only where an entry
  names its category: C* or Z* do not mean Z853.
#}
{% macro is_entry_of(code, entry) -%}
    case
        when {{ entry }}.match_kind = 'exact' then {{ code }} = {{ entry }}.code
        else
            substr({{ code }}, 1, length({{ entry }}.code)) >= {{ entry }}.code
            and substr({{ code }}, 1, length({{ entry }}.code_to)) <= {{ entry }}.code_to
    end
    and (
        {{ entry }}.code_system <> 'icd10cm'
        or {{ entry }}.role = 'exclude'
        or {{ diagnosis_role(code) }} = 'active'
        or (
            {{ diagnosis_role(code) }} = {{ diagnosis_role(entry ~ '.code') }}
            and {{ diagnosis_role(code) }} = {{ diagnosis_role(entry ~ '.code_to') }}
        )
    )
{%- endmacro %}

{#
  What a diagnosis says of the person: has it, had it (Z85 to Z87), or is looked at for it (Z12, Z13). ICD-10-CM
  Official Guidelines, I.C.21.
#}
{% macro diagnosis_role(code) -%}
    case
        when substr({{ code }}, 1, 3) in ('Z85', 'Z86', 'Z87') then 'history'
        when substr({{ code }}, 1, 3) in ('Z12', 'Z13') then 'screening'
        else 'active'
    end
{%- endmacro %}

{#
  Periods of the same `keys` that overlap or touch, merged into one. `rows` has effective_from and effective_to, both
  inclusive and never null.
#}
{% macro merged_periods(rows, keys) -%}
    {%- set of_key = 'partition by ' ~ keys | join(', ') ~ ' order by effective_from, effective_to' -%}
    select
        {{ keys | join(', ') }},
        min(effective_from) as effective_from,
        max(effective_to) as effective_to
    from (
        select
            *,
            sum(case when effective_from <= {{ add_days('reached_before', 1) }} then 0 else 1 end) over (
                {{ of_key }} rows between unbounded preceding and current row
            ) as period_number
        from (
            select
                *,
                least(
                    max(effective_to) over ({{ of_key }} rows between unbounded preceding and 1 preceding),
                    cast('9999-12-30' as date)
                ) as reached_before
            from {{ rows }}
            where effective_from <= effective_to
        ) as reached
    ) as numbered
    group by {{ keys | join(', ') }}, period_number
{%- endmacro %}
