"""Do the patient tokens of a delivery still stand for the patients of the deliveries before it?

Belongs here: from landed claim lines to the counts that tell (tokens known, claims that changed their patient, claims of
several patients, tokens of impossible volume) and the sentence that says so. A vendor that makes its tokens anew splits
every patient in two; tokens that collide make one patient of many. Nothing here shows a token. Does not belong here:
ids of invented patients, which landing sets aside by their form (`test_patients` of a source).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from quality.thresholds import THRESHOLDS

FEWEST = 50
"""Tokens or claims that a share is taken of: of fewer it says nothing."""

_LINES = """
select
    refresh_id,
    patient_token,
    coalesce(claim_chain_id, claim_id) as claim,
    coalesce(claim_line_start_date, claim_start_date) as day
from read_parquet($files, hive_partitioning = false) where patient_token is not null
"""

# Tokens of this delivery and of the one before it, each with whether any still earlier delivery had them.
_KNOWN = f"""
with first_seen as (
    select patient_token, min(list_position($deliveries, refresh_id)) as first_order
    from ({_LINES}) group by patient_token
),
own as (select distinct refresh_id, patient_token from ({_LINES}) where refresh_id in ($present, $previous))
select
    count(*) filter (where refresh_id = $present),
    count(*) filter (where refresh_id = $present and first_order < len($deliveries)),
    count(*) filter (where refresh_id = $previous),
    count(*) filter (where refresh_id = $previous and first_order < len($deliveries) - 1)
from own inner join first_seen using (patient_token)
"""

# Claims that were delivered before: is their patient still the same?
_AGAIN = f"""
with lines as ({_LINES}),
present as (select distinct claim, patient_token from lines where refresh_id = $present),
before as (
    select distinct claim, patient_token from lines
    where refresh_id <> $present and claim in (select claim from present)
),
compared as (
    select present.claim, bool_or(present.patient_token = before.patient_token) as is_same
    from present inner join before on present.claim = before.claim group by present.claim
)
select count(*), count(*) filter (where not is_same) from compared
"""

_VOLUMES = f"""
with lines as ({_LINES}),
days as (
    select patient_token, day, count(distinct claim) as claims, count(*) as lines
    from lines where refresh_id = $present and day is not null group by patient_token, day
),
claims as (select claim, count(distinct patient_token) as tokens from lines where refresh_id = $present group by claim),
crowded as (select patient_token, sum(lines) as lines from days where claims > $most group by patient_token)
select
    (select count(*) from claims),
    (select count(*) from claims where tokens > 1),
    (select count(*) from crowded),
    coalesce((select sum(lines) from crowded), 0)::bigint
"""

_PER_MONTH = f"""
select
    refresh_id,
    count(distinct claim) / count(distinct (patient_token, date_trunc('month', day)))
from ({_LINES}) where refresh_id in ($present, $previous) and day is not null group by refresh_id
"""


@dataclass(frozen=True)
class TokenVolumes:
    """Counts of one delivery, compared with the earlier deliveries of its source.

    `tokens_known` of `tokens` occurred in an earlier delivery (`previous_*`: the same of the delivery before it, None
    where that was the first). `claims_again` were delivered before, `claims_of_another_token` of them with other tokens
    only. `claims_of_several_tokens` have more than one patient. `crowded_tokens` have more claims on one day than
    a person can have, with `crowded_lines` on such days. `claims_per_month`: claims per token and month of service.
    """

    claims: int
    tokens: int
    tokens_known: int
    previous_tokens: int | None
    previous_tokens_known: int | None
    claims_again: int
    claims_of_another_token: int
    claims_of_several_tokens: int
    crowded_tokens: int
    crowded_lines: int
    claims_per_month: float
    previous_claims_per_month: float | None


def token_volumes(raw_claims: Path, deliveries: Sequence[str]) -> TokenVolumes:
    """Count the last of `deliveries` against the others.

    `raw_claims`: the folder `raw/medical_claim`; `deliveries`: refresh ids of one source, in refresh order.
    """
    present = deliveries[-1]
    previous = deliveries[-2] if len(deliveries) > 1 else None
    files = [f"{raw_claims / refresh}/*.parquet" for refresh in deliveries]
    most = float(THRESHOLDS["token_claims_a_day_max"].value)
    with duckdb.connect() as connection:

        def ask(sql: str, **values: object) -> tuple[int, ...]:
            return connection.execute(sql, {"files": files, **values}).fetchone() or ()

        named = {"present": present, "previous": previous}
        tokens, known, tokens_before, known_before = ask(_KNOWN, deliveries=list(deliveries), **named)
        again, changed = ask(_AGAIN, present=present)
        claims, shared, crowded, crowded_lines = ask(_VOLUMES, present=present, most=most)
        rates = dict(connection.execute(_PER_MONTH, {"files": files, **named}).fetchall())
    has_history = len(deliveries) > 2
    return TokenVolumes(
        claims=claims,
        tokens=tokens,
        tokens_known=known,
        previous_tokens=tokens_before if has_history else None,
        previous_tokens_known=known_before if has_history else None,
        claims_again=again,
        claims_of_another_token=changed,
        claims_of_several_tokens=shared,
        crowded_tokens=crowded,
        crowded_lines=crowded_lines,
        claims_per_month=float(rates.get(present, 0.0)),
        previous_claims_per_month=float(rates[previous]) if previous in rates else None,
    )


def token_faults(counts: TokenVolumes) -> list[str]:
    """What cannot be true of people, a sentence each with what it would do to the marts; empty where all is plausible."""
    limit = {name: float(setting.value) for name, setting in THRESHOLDS.items()}
    faults = []
    if _share(counts.claims_of_another_token, counts.claims_again) > limit["token_changed_max_share"]:
        faults.append(
            f"{counts.claims_of_another_token:,} of {counts.claims_again:,} claims that were delivered before now "
            "name another patient: the vendor made its tokens anew, and every patient would be counted twice. "
            "Ask for the old tokens or for a crosswalk."
        )
    now = _share(counts.tokens_known, counts.tokens)
    before = _share(counts.previous_tokens_known or 0, counts.previous_tokens or 0)
    fall = limit["token_known_max_fall_share"]
    if counts.tokens >= FEWEST and before * counts.tokens >= FEWEST and now < before * (1 - fall):
        faults.append(
            f"Only {now:.0%} of {counts.tokens:,} patients were known from earlier deliveries, {before:.0%} were in the "
            "delivery before: tokens may have been made anew, or under another key."
        )
    if _share(counts.claims_of_several_tokens, counts.claims) > limit["token_shared_claim_max_share"]:
        faults.append(
            f"{counts.claims_of_several_tokens:,} of {counts.claims:,} claims have several patients: the person id is "
            "not the patient's, or differs from line to line."
        )
    if counts.crowded_tokens:
        faults.append(
            f"{counts.crowded_tokens:,} tokens have more than {limit['token_claims_a_day_max']:.0f} claims on one day "
            f"({counts.crowded_lines:,} lines): tokens that collide, or a placeholder in place of a person id. "
            "Add its form to test_patients of the source, or ask the vendor."
        )
    rate, usual = counts.claims_per_month, counts.previous_claims_per_month
    ratio = limit["token_claims_rate_max_ratio"]
    if counts.claims >= FEWEST and usual and not usual / ratio <= rate <= usual * ratio:
        faults.append(
            f"{rate:.1f} claims per patient and month, {usual:.1f} in the delivery before: "
            + ("tokens collide." if rate > usual else "patients were split.")
        )
    return faults


def counted(counts: TokenVolumes) -> dict[str, float]:
    """The counts that are there, by name: metadata of the check."""
    return {name: value for name, value in asdict(counts).items() if value is not None}


def _share(part: int, whole: int) -> float:
    return part / whole if whole >= FEWEST else 0.0
