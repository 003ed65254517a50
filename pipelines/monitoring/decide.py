"""Whether the plan is rebuilt: one decision per refresh, as a full sentence, from data alone.

A rebuild needs a cause (confirmed drift, or an event of the business that has taken effect) *and* an effect:
a territory further from the mean than the business tolerates, and further than the plan itself had promised.
Either alone is a review, not a rebuild.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from pipelines.config.model import PlannedEvent, Setting

GROWN_SHARE = 0.01
"""A deviation has grown when it exceeds the promise by one percent of the mean: a plan that could not do
better (one unit too big to share) must not be rebuilt for that every month.
"""

SHOWN = 3


@dataclass(frozen=True)
class Decision:
    """A row of `monitoring/rebuild_decision`. `decision_id` moves only when a plan is to be built."""

    refresh_id: str
    decision: str
    decision_id: str
    base_plan_id: str | None
    imbalance_before: float | None
    imbalance_now: float | None
    drifted_territories: int
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class BasePlan:
    """The plan strictly before the refresh; `known_on` is when the refresh it was built for was delivered."""

    plan_id: str
    built_for_refresh: str
    known_on: date


@dataclass(frozen=True)
class RebuildRule:
    """`imbalance_share`: distance of a territory from the mean at which disturbing customers is justified."""

    imbalance_share: float

    @classmethod
    def from_settings(cls, settings: Mapping[str, Setting]) -> RebuildRule:
        return cls(float(settings["rebuild_imbalance_share"].value))


def due_events(events: Sequence[PlannedEvent], plan: BasePlan, known_on: date) -> list[PlannedEvent]:
    """Events that took effect after the plan was made and by the delivery date of the refresh, sorted."""
    due = [event for event in events if plan.known_on < event.effective_from <= known_on]
    return sorted(due, key=lambda event: (event.effective_from, event.event_id))


def decide(
    refresh_id: str,
    known_on: date,
    plan: BasePlan | None,
    rule: RebuildRule,
    *,
    drift: pd.DataFrame,
    incidents: pd.DataFrame,
    comparison: pd.DataFrame,
    events: Sequence[PlannedEvent] = (),
    previous_decision_id: str | None = None,
) -> Decision:
    """The decision at `refresh_id`. Frames: `territory_drift`, `supply_incident`, and the result of
    `plan_vs_actual`.

    Pure: the same refresh decided again against the same plan gives the same decision. `plan` None: the first
    plan is built, and the frames are not looked at.
    """
    if plan is None:
        reason = f"There is no plan before {refresh_id}, so the first one is built."
        return Decision(refresh_id, "initial", f"rebuild-{refresh_id}", None, None, None, 0, reason)
    kept_id = previous_decision_id or f"rebuild-{plan.built_for_refresh}"
    before, now = _worst(comparison, "promised"), _worst(comparison, "now")
    blocking = incidents[incidents["is_blocking"].astype(bool)] if len(incidents) else incidents
    drifted = sorted(set(drift.loc[drift["is_drift"].astype(bool), "territory_id"])) if len(drift) else []

    def decision(kind: str, decision_id: str, reason: str) -> Decision:
        count = 0 if kind == "blocked" else len(drifted)
        return Decision(refresh_id, kind, decision_id, plan.plan_id, before, now, count, reason)

    if len(blocking):
        scopes = sorted(blocking["scope"])
        reason = (
            f"Nothing is decided: {len(scopes)} supply incident(s) ({_list(scopes)}) must be cleared first,"
            " because missing"
            f" claims look like a changed market. Plan {plan.plan_id} stays."
        )
        return decision("blocked", kept_id, reason)
    due = due_events(events, plan, known_on)
    causes = _causes(drift, drifted, due, comparison)
    unfair = _out_of_balance(comparison, rule)
    balance = _balance_sentence(comparison, unfair, rule, before, now)
    if (drifted or due) and len(unfair):
        return decision("rebuild", f"rebuild-{refresh_id}", f"{causes} {balance} A new plan is built.")
    if drifted or due:
        ending = "Plan {} stays; the change is a review, not a rebuild."
    elif len(unfair):
        ending = (
            "Plan {} stays: without a confirmed cause the imbalance is read as noise or as the plan's own."
        )
    else:
        ending = "Plan {} stays."
    return decision("keep", kept_id, f"{causes} {balance} {ending.format(plan.plan_id)}")


def _worst(comparison: pd.DataFrame, when: str) -> float | None:
    values = comparison[f"{when}_deviation_share"].dropna() if len(comparison) else comparison
    return float(values.max()) if len(values) else None


def _out_of_balance(comparison: pd.DataFrame, rule: RebuildRule) -> pd.DataFrame:
    """Territories beyond the tolerated distance, and further out than promised; the furthest first."""
    if not len(comparison):
        return comparison
    now, promised = comparison["now_deviation_share"], comparison["promised_deviation_share"]
    unfair = comparison[(now > rule.imbalance_share) & (now > promised + GROWN_SHARE)]
    return unfair.sort_values(["now_deviation_share", "territory_id"], ascending=[False, True])


def _causes(
    drift: pd.DataFrame, drifted: list[str], due: list[PlannedEvent], comparison: pd.DataFrame
) -> str:
    parts = []
    if drifted:
        rows = drift[drift["is_drift"].astype(bool)]
        rows = rows.assign(size=rows["change_share"].abs()).sort_values(
            ["size", "territory_id", "measure"], ascending=[False, True, True]
        )
        named = [f"{row.territory_id} {row.change_share:+.0%} ({row.measure})" for row in rows.itertuples()]
        parts.append(
            f"{len(drifted)} of {len(comparison)} territories have drifted since the plan: {_list(named)}."
        )
    else:
        parts.append(_why_no_drift(drift))
    if due:
        named = [f"{event.trigger} {event.event_id} of {event.effective_from}" for event in due]
        parts.append(f"{len(due)} event(s) took effect since the plan: {_list(named)}.")
    return " ".join(parts)


def _why_no_drift(drift: pd.DataFrame) -> str:
    verdicts = drift["verdict"].value_counts() if len(drift) else pd.Series(dtype="int64")
    if verdicts.get("stable", 0):
        others = int(verdicts.sum() - verdicts["stable"])
        rest = f", {others} cannot be judged yet" if others else ""
        return f"No territory has drifted since the plan ({verdicts['stable']} measures stable{rest})."
    if verdicts.get("too_early", 0):
        return "It is too early to see drift: there are too few usable months or claims since the plan."
    return "Drift cannot be tested: there are no monthly claims to compare."


def _balance_sentence(
    comparison: pd.DataFrame, unfair: pd.DataFrame, rule: RebuildRule, before: float | None, now: float | None
) -> str:
    if now is None:
        return "No opportunity is left to balance."
    promised = f" (promised {before:.1%})" if before is not None else ""
    limit = f"{rule.imbalance_share:.0%}"
    if len(unfair):
        named = [f"{row.territory_id} at index {row.now_index:.0f}" for row in unfair.itertuples()]
        count = f"{len(unfair)} lie more than {limit} from the mean and further than promised"
        return f"{count}: {_list(named)}{promised}."
    if now > rule.imbalance_share:
        return f"The largest deviation, {now:.1%}, exceeds {limit} but is what the plan had{promised}."
    return f"The largest deviation from the mean is {now:.1%}{promised}, within the {limit} tolerated."


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
