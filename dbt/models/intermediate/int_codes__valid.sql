{#
  When each code of the data may be used. A code that a release names has the days that the releases give it. One that none
  names may be used always, unless a whole list of its kind is there, kind being the first character: HCPCS Level II has
  letters, CPT digits. Such a code is valid only before the first of these lists, of which nothing is known.
#}
with judged as (
    select
        seen.code_system,
        seen.code,
        min(release.effective_from) as listed_from
    from {{ ref('int_codes__seen') }} as seen
    left join {{ ref('stg_codes__releases') }} as release
        on
            seen.code_system = release.code_system
            and release.is_complete
            and instr(release.first_characters, substr(seen.code, 1, 1)) > 0
    group by seen.code_system, seen.code
)

select
    judged.code_system,
    judged.code,
    coalesce(validity.effective_from, cast('1900-01-01' as date)) as effective_from,
    case
        when validity.code is not null then validity.effective_to
        when judged.listed_from is null then cast('9999-12-31' as date)
        else {{ add_days('judged.listed_from', -1) }}
    end as effective_to,
    validity.code is not null as is_known,
    judged.listed_from is not null or validity.code is not null as is_judged
from judged
left join {{ ref('stg_codes__validities') }} as validity
    on judged.code_system = validity.code_system and judged.code = validity.code
