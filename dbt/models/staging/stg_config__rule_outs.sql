-- Imaging and laboratory lines: a diagnosis on these alone was looked for, not found. A prefix is a range to itself.
select
    lower(match_on) as match_on,
    upper(trim(code)) as code,
    upper(trim(coalesce(code_to, code))) as code_to
from {{ lake(source('config', 'rule_out')) }}
