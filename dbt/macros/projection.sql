{# From captured counts to projected ones (docs/methods/opportunity.md, section 3). #}

{#
  How many standard errors an interval of a level reaches to either side: the normal quantile of (1 + level) ÷ 2, by
  Hastings' rational approximation (Abramowitz and Stegun 1964, 26.2.23; error below 0.00045).
#}
{% macro standard_errors_of(level) -%}
    {%- set t = 'sqrt(-2 * ln((1 - ' ~ level ~ ') / 2))' -%}
    (
        {{ t }} - (2.515517 + 0.802853 * {{ t }} + 0.010328 * {{ t }} * {{ t }})
        / (1 + 1.432788 * {{ t }} + 0.189269 * {{ t }} * {{ t }} + 0.001308 * {{ t }} * {{ t }} * {{ t }})
    )
{%- endmacro %}

{#
  A quantile, `errors` standard errors from the middle, of what was not seen: of the gamma distribution with this mean and
  variance (Wilson and Hilferty 1931), for it is skewed and cannot be negative.
#}
{% macro unseen_quantile(unseen, variance, errors) -%}
    case
        when {{ unseen }} <= 0 or {{ variance }} <= 0 then greatest({{ unseen }}, 0)
        else {{ unseen }} * power(
            greatest(
                1 - {{ variance }} / (9 * {{ unseen }} * {{ unseen }})
                + ({{ errors }}) * sqrt({{ variance }}) / (3 * {{ unseen }}), 0
            ), 3
        )
    end
{%- endmacro %}

{# What `projection_by` reads of its rows, added up: few rows by state, payer channel, source and claim type tell as much. #}
{% macro projection_sums(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- for column in ['captured', 'completed', 'projected', 'unseen_variance', 'completion_error', 'capture_error'] %}
    sum({{ prefix }}{{ column }}) as {{ column }},
    {%- endfor %}
    {%- for column in ['is_completion_known', 'is_capture_given'] %}
    bool_and({{ prefix }}{{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
  Rows of `int_opportunity__projected` (or of anything with its columns) summed by `keys`. Everything that is added is
  decimal, so groups add up to their total exactly.

  What chance hides is independent from cell to cell: its variances are added. What a completion factor does not know is
  one error for all cells of its triangle, and what a capture rate does not know for all of its channel and state: those
  errors are added first and squared then.
#}
{% macro projection_by(rows, keys) -%}
    {%- set type = 'decimal(24, 6)' -%}
    select
        {{ keys | join(', ') }}{{ ',' if keys }}
        captured_procedures,
        projected_procedures,
        case when captured_procedures > 0 then round(cast(projected_procedures as double) / captured_procedures, 6) else 1 end
            as projection_factor,
        case when completed > 0 then round(cast(captured_procedures as double) / completed, 6) else 1 end
            as completeness_share,
        case when projected_procedures > 0 then round(cast(completed as double) / projected_procedures, 6) else 1 end
            as capture_share,
        is_completion_known,
        is_capture_given,
        cast(
            captured_procedures + cast({{ unseen_quantile('unseen', 'variance', '-errors') }} as {{ type }}) as {{ type }}
        ) as projected_low,
        cast(
            captured_procedures + cast({{ unseen_quantile('unseen', 'variance', 'errors') }} as {{ type }}) as {{ type }}
        ) as projected_high
    from (
        select
            {{ keys | join(', ') }}{{ ',' if keys }}
            cast(sum(captured) as {{ type }}) as captured_procedures,
            cast(sum(completed) as {{ type }}) as completed,
            cast(sum(projected) as {{ type }}) as projected_procedures,
            cast(sum(projected) - sum(captured) as double) as unseen,
            cast(sum(unseen_variance) as double) + sum(error * error) as variance,
            bool_and(is_completion_known) as is_completion_known,
            bool_and(is_capture_given) as is_capture_given,
            max(errors) as errors
        from (
            select
                {{ keys | join(', ') }}{{ ',' if keys }}
                sum(captured) as captured,
                sum(completed) as completed,
                sum(projected) as projected,
                sum(unseen_variance) as unseen_variance,
                cast(sum(completion_error) as double) as error,
                bool_and(is_completion_known) as is_completion_known,
                bool_and(is_capture_given) as is_capture_given
            from {{ rows }}
            group by {{ (keys + ['source', 'claim_type', 'payer_channel']) | unique | join(', ') }}

            union all

            select
                {{ keys | join(', ') }}{{ ',' if keys }}
                cast(0 as {{ type }}) as captured,
                cast(0 as {{ type }}) as completed,
                cast(0 as {{ type }}) as projected,
                cast(0 as {{ type }}) as unseen_variance,
                cast(sum(capture_error) as double) as error,
                true as is_completion_known,
                true as is_capture_given
            from {{ rows }}
            group by {{ (keys + ['payer_channel', 'state']) | unique | join(', ') }}
        ) as parts
        cross join (
            select {{ standard_errors_of('interval_level') }} as errors
            from {{ ref('stg_config__settings') }}
        ) as reach
        {%- if keys %}
        group by {{ keys | join(', ') }}
        {%- endif %}
    ) as summed
{%- endmacro %}

{# What a projection adds to an opportunity table, from a relation of `projection_by`; rows without procedures project none. #}
{% macro projected_columns(projection) -%}
    {%- for column in ['projected_procedures', 'projected_low', 'projected_high'] %}
    coalesce({{ projection }}.{{ column }}, 0) as {{ column }},
    {%- endfor %}
    {%- for column in ['projection_factor', 'completeness_share', 'capture_share'] %}
    coalesce({{ projection }}.{{ column }}, 1) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
  What a row of an opportunity mart shows of its projection: what int_disclosure__projections tells of its place, applied to
  the procedures and dollars that the row shows. Two steps: a place's shares, then (`projected_as_published`) amounts. `own`:
  rows that are places, of which some have an interval of their own.
#}
{% macro shares_of_projection(own=false) -%}
    {%- for column in ['projection_basis', 'projection_factor', 'completeness_share', 'capture_share', 'relative_error',
        'interval_errors'] + (['projected_low', 'projected_high'] if own else []) %}
    projection.{{ column }},
    {%- endfor %}
{%- endmacro %}

{# Joins those of a place to rows that show anything. #}
{% macro join_projection(level, place) -%}
    left join {{ ref('int_disclosure__projections') }} as projection
        on
            potential.product_id = projection.product_id
            and {{ level }} = projection.geography_level
            and case when not disclosure.is_suppressed then {{ place }} end = projection.geography_id
{%- endmacro %}

{# The interval of a row that takes the factor of another place: chance of its own, and the error of that factor. #}
{% macro projected_as_published(own=false) -%}
    {%- set unseen = '(procedures * (projection_factor - 1))' -%}
    {%- set variance = '(procedures * projection_factor * (projection_factor - 1)'
        ~ ' + power(procedures * projection_factor * relative_error, 2))' -%}
    cast(round(procedures * projection_factor, 2) as decimal(18, 4)) as projected_procedures,
    {%- for column, errors in {'projected_low': '-interval_errors', 'projected_high': 'interval_errors'}.items() %}
    {%- set end = 'procedures + ' ~ unseen_quantile(unseen, variance, errors) %}
    cast(round({{ 'coalesce(' ~ column ~ ', ' ~ end ~ ')' if own else end }}, 2) as decimal(18, 4)) as {{ column }},
    {%- endfor %}
    {%- for share in ['projection_factor', 'completeness_share', 'capture_share'] %}
    round({{ share }}, 6) as {{ share }},
    {%- endfor %}
    projection_basis,
    {%- for shown, column in {'projected_usd': 'total_usd', 'projected_addressable_usd': 'addressable_usd'}.items() %}
    {{ usd('cast(' ~ column ~ ' as double) * projection_factor') }} as {{ shown }},
    {%- endfor %}
{%- endmacro %}
