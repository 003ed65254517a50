{#
  The codes of the data that count for a product, when, and how much.

  1. pieces:   periods in which an entry lists a code or a predecessor hands it on; in which an entry leaves it out; in
               which the code set knows it, for code sets whose releases are loaded
  2. segments: the days between two ends of pieces, on which nothing changes
  3. weighed:  segments that count: listed (weight 1) or handed on (the sum of the ways, at most 1), not left out, valid
#}
with claimed as (
    select
        product_id,
        code_system,
        code,
        case role when 'include' then 'listed' else 'left_out' end as piece,
        effective_from,
        effective_to,
        cast(1 as decimal(9, 6)) as code_weight
    from {{ ref('int_value_sets__listed') }}

    union all

    select
        product_id,
        code_system,
        code,
        'handed_on' as piece,
        effective_from,
        effective_to,
        code_weight
    from {{ ref('int_value_sets__succeeded') }}
),

wanted as (
    select distinct
        claimed.product_id,
        claimed.code_system,
        claimed.code
    from claimed
    inner join {{ ref('int_codes__seen') }} as seen
        on claimed.code_system = seen.code_system and claimed.code = seen.code
    where claimed.piece <> 'left_out'
),

pieces as (
    select claimed.*
    from claimed
    inner join wanted
        on
            claimed.product_id = wanted.product_id
            and claimed.code_system = wanted.code_system
            and claimed.code = wanted.code

    union all

    select
        wanted.product_id,
        wanted.code_system,
        wanted.code,
        'valid' as piece,
        valid.effective_from,
        valid.effective_to,
        cast(1 as decimal(9, 6)) as code_weight
    from wanted
    inner join {{ ref('int_codes__valid') }} as valid
        on wanted.code_system = valid.code_system and wanted.code = valid.code
),

starts as (
    select
        product_id,
        code_system,
        code,
        effective_from
    from pieces

    union

    select
        product_id,
        code_system,
        code,
        {{ add_days('effective_to', 1) }} as effective_from
    from pieces
    where effective_to < cast('9999-12-31' as date)
),

segments as (
    select
        product_id,
        code_system,
        code,
        effective_from,
        coalesce(
            {{ add_days('lead(effective_from) over (
                partition by product_id, code_system, code order by effective_from
            )', -1) }},
            cast('9999-12-31' as date)
        ) as effective_to
    from starts
),

weighed as (
    select
        segment.product_id,
        segment.code_system,
        segment.code,
        segment.effective_from,
        segment.effective_to,
        cast(
            case
                when max(case when piece.piece = 'listed' then 1 else 0 end) = 1 then 1
                else least(1, coalesce(sum(case when piece.piece = 'handed_on' then piece.code_weight end), 0))
            end as decimal(9, 6)
        ) as code_weight
    from segments as segment
    inner join pieces as piece
        on
            segment.product_id = piece.product_id
            and segment.code_system = piece.code_system
            and segment.code = piece.code
            and segment.effective_from >= piece.effective_from
            and segment.effective_to <= piece.effective_to
    group by
        segment.product_id, segment.code_system, segment.code, segment.effective_from, segment.effective_to
    having
        max(case when piece.piece = 'left_out' then 1 else 0 end) = 0
        and max(case when piece.piece = 'valid' then 1 else 0 end) = 1
),

counted as (
    select *
    from weighed
    where code_weight > 0
)

{{ merged_periods('counted', ['product_id', 'code_system', 'code', 'code_weight']) }}
