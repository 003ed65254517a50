"""Review flags: who should look at what, with the evidence in one sentence (R70–R75, R83).

Belongs here: from drift, incidents, events, code sets, the roster and the calendar to `monitoring/review_flag`. One open
review per trigger and scope: several measures of one territory are one review. A review is closed when its
cause is gone or its plan was replaced, and stays in the table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from pipelines.config.model import PlannedEvent
from pipelines.monitoring import flag_causes
from pipelines.monitoring.flag_causes import ACTIONS, OWNERS, Cause

FLAG_COLUMNS = [
    "review_id",
    "trigger",
    "scope_kind",
    "scope_id",
    "evidence",
    "recommended_action",
    "owner",
    "state",
    "opened_refresh",
    "data_through",
    "plan_id",
]


@dataclass(frozen=True)
class ReviewMoment:
    """As of what flags are raised: the refresh, how far its data reach, the plan strictly before it."""

    refresh_id: str
    known_on: date
    data_through: date
    plan_id: str
    plan_known_on: date
    plan_data_through: date


def review_id(trigger: str, scope_kind: str, scope_id: str, plan_id: str) -> str:
    """Stable over refreshes: the same matter under the same plan is the same review."""
    return hashlib.sha256("|".join((trigger, scope_kind, scope_id, plan_id)).encode()).hexdigest()[:16]


def review_flags(
    moment: ReviewMoment,
    causes: Iterable[Cause],
    previous: pd.DataFrame | None = None,
    *,
    undecided: Sequence[tuple[str, str]] = (),
) -> pd.DataFrame:
    """The `monitoring/review_flag` table, sorted by review_id.

    `causes`: see `flag_causes`; causes with the same trigger and scope become one review. `previous`: the
    table before. `undecided`: (trigger, scope_id) that cannot be judged now (a supply incident blocks drift);
    open reviews of these stay open. Given its own result as `previous`, it returns the same table.
    """
    before = {} if previous is None else {row["review_id"]: row for row in previous.to_dict("records")}
    merged: dict[tuple[str, str, str], list[str]] = {}
    for cause in sorted(causes):
        merged.setdefault((cause.trigger, cause.scope_kind, cause.scope_id), []).append(cause.evidence)
    rows = {}
    for (trigger, scope_kind, scope_id), sentences in merged.items():
        key = review_id(trigger, scope_kind, scope_id, moment.plan_id)
        was_open = key in before and before[key]["state"] == "open"
        rows[key] = {
            "review_id": key,
            "trigger": trigger,
            "scope_kind": scope_kind,
            "scope_id": scope_id,
            "evidence": f"{' '.join(dict.fromkeys(sentences))} Data through {moment.data_through:%Y-%m}.",
            "recommended_action": ACTIONS[trigger],
            "owner": OWNERS[trigger],
            "state": "open",
            "opened_refresh": before[key]["opened_refresh"] if was_open else moment.refresh_id,
            "data_through": moment.data_through,
            "plan_id": moment.plan_id,
        }
    waiting = set(undecided)
    for key, row in before.items():
        if key in rows:
            continue
        same_plan = row["plan_id"] == moment.plan_id
        is_waiting = same_plan and (row["trigger"], row["scope_id"]) in waiting
        rows[key] = row if row["state"] != "open" or is_waiting else _closed(row, moment, same_plan)
    return pd.DataFrame([rows[key] for key in sorted(rows)], columns=FLAG_COLUMNS)


def _closed(row: dict, moment: ReviewMoment, same_plan: bool) -> dict:
    why = "the cause is gone" if same_plan else f"plan {moment.plan_id} replaced the plan it was about"
    evidence = f"{row['evidence']} Closed at {moment.refresh_id}: {why}."
    return {**row, "state": "closed", "evidence": evidence}


def all_causes(
    moment: ReviewMoment,
    *,
    drift: pd.DataFrame,
    incidents: pd.DataFrame,
    events: Sequence[PlannedEvent],
    code_changes: pd.DataFrame,
    ghosts: pd.DataFrame,
    roster: pd.DataFrame,
    planned_reps: pd.DataFrame,
    calendar_months: int,
    smallest_shown: int,
) -> list[Cause]:
    """Every cause there is for a review at this moment; `code_changes` is `fct_code_set_change`, `ghosts`
    who works after a deactivation (`flag_causes.work_after_deactivation`), `planned_reps` the plan's
    `field_plan/rep_assignment`.
    """
    return [
        *flag_causes.volume_shifts(drift),
        *flag_causes.supply_incidents(incidents),
        *flag_causes.business_events(events, moment.plan_known_on, moment.known_on),
        *flag_causes.code_set_changes(
            code_changes, moment.plan_data_through, moment.known_on, smallest_shown
        ),
        *flag_causes.work_after_deactivation(ghosts),
        *flag_causes.team_changes(roster, planned_reps),
        *flag_causes.calendar_reviews(
            moment.plan_id, moment.plan_data_through, moment.data_through, calendar_months
        ),
    ]
