"""What can give cause for a review, each with its evidence: drift, supply, events, codes, providers, team, calendar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pipelines.config.model import PlannedEvent

ACTED_KINDS = ("late_source", "lag_shift")
"""Incidents that somebody must look at although they block nothing."""

TEAM_CHANGE_SHARE = 0.05
"""A team that grew or shrank by one in twenty no longer fits the number of territories."""

OWNERS = {
    "volume_shift": "sales-analytics",
    "supply_incident": "data-engineering",
    "product_launch": "sales-leadership",
    "acquisition": "sales-leadership",
    "regulatory_change": "sales-leadership",
    "code_set": "sales-analytics",
    "provider": "sales-analytics",
    "team_change": "sales-operations",
    "calendar": "sales-operations",
}
ACTIONS = {
    "volume_shift": "Look at the providers behind it; the rebuild decision says whether borders move.",
    "supply_incident": "Ask the supplier what happened to its claims; where they are missing, drift and"
    " rebuilds wait for them.",
    "product_launch": "Check its codes, price and access; then decide whether it joins the balance.",
    "acquisition": "Move the acquired sites to their new system and check its access rules.",
    "regulatory_change": "Check the value sets and access rules that the rule change touches.",
    "code_set": "Map what has no successor, say whether new codes belong to the set; then look at the plan's staleness.",
    "provider": "Ask the supplier whose work it is; until the registry lists the NPI again it has no visits and no rank.",
    "team_change": "Fill the vacancy or change the number of territories in the configuration.",
    "calendar": "Read the scorecard and plan against actual; confirm the plan or ask for a rebuild.",
}


@dataclass(frozen=True, order=True)
class Cause:
    """One reason for a review. `evidence` is one or more full sentences."""

    trigger: str
    scope_kind: str
    scope_id: str
    evidence: str


def volume_shifts(drift: pd.DataFrame) -> list[Cause]:
    """One cause per territory with confirmed drift, all its flagged measures in the evidence, the largest
    first.

    `drift` is `DriftReport.details` (with the interval) or the `territory_drift` table (without).
    """
    flagged = drift[drift["is_drift"].astype(bool)] if len(drift) else drift
    if not len(flagged):
        return []
    flagged = flagged.assign(size=flagged["change_share"].abs())
    flagged = flagged.sort_values(["territory_id", "size", "measure"], ascending=[True, False, True])
    return [
        Cause(
            "volume_shift",
            "territory",
            str(territory),
            " ".join(_shift_sentence(row) for row in rows.itertuples()),
        )
        for territory, rows in flagged.groupby("territory_id", sort=True)
    ]


def undecided_shifts(drift: pd.DataFrame) -> list[tuple[str, str]]:
    """(trigger, scope_id) of territories without a single measure that could be judged."""
    judged = set(drift.loc[drift["verdict"].isin(("drift", "stable")), "territory_id"])
    return [("volume_shift", name) for name in sorted(set(drift["territory_id"]) - judged)]


def supply_incidents(incidents: pd.DataFrame) -> list[Cause]:
    """Incidents somebody must act on; a repeated delivery is noted in its own table only."""
    if not len(incidents):
        return []
    acted = incidents[incidents["is_blocking"].astype(bool) | incidents["kind"].isin(ACTED_KINDS)]
    return [
        Cause("supply_incident", "supply", str(row.scope), str(row.evidence)) for row in acted.itertuples()
    ]


def business_events(events: Sequence[PlannedEvent], plan_known_on: date, known_on: date) -> list[Cause]:
    """Events the plan could not know in force: effective after the plan was made, past or to come."""
    causes = []
    for event in events:
        if event.effective_from <= plan_known_on:
            continue
        tense = "took effect" if event.effective_from <= known_on else "will take effect"
        note = f": {event.note.rstrip('.')}" if event.note else ""
        evidence = f"Event {event.event_id} {tense} on {event.effective_from}, after the plan was made{note}."
        causes.append(Cause(event.trigger, event.scope_kind, event.scope_id or "national", evidence))
    return causes


def code_set_changes(
    changes: pd.DataFrame, plan_data_through: date, known_on: date, smallest_shown: int
) -> list[Cause]:
    """One cause per product and day on which a release hit its value set, after the last month the plan was built on.

    `changes` is `fct_code_set_change`. New codes that the set means already ask nothing of anybody. The share is left
    out where fewer than `smallest_shown` patients stand behind it.
    """
    causes = []
    for row in changes.sort_values(["product_id", "effective_from"]).itertuples():
        day = pd.Timestamp(row.effective_from).date()
        is_after = (day.year, day.month) > (plan_data_through.year, plan_data_through.month)
        if is_after and (row.codes_deleted or row.codes_revised or row.codes_unmapped):
            evidence = " ".join(_change_sentences(row, day, day > known_on, smallest_shown))
            causes.append(Cause("code_set", "product", str(row.product_id), evidence))
    return causes


def _change_sentences(row: Any, day: date, is_announced: bool, smallest_shown: int) -> list[str]:
    verbs = ("will lose", "will revise") if is_announced else ("lost", "revised")
    share = (
        ""
        if 1 <= row.patients < smallest_shown
        else f", {row.product_share:.1%} of its planning-year opportunity"
    )
    rests = f"{share} rests on them" if share and not row.codes_deleted else share
    sentences = []
    if row.codes_deleted:
        sentences.append(
            f"The value set of {row.product_id} {verbs[0]} {_codes(row.codes_deleted)} on {day}"
            f" ({row.deleted_codes}; release {row.releases}){share}."
        )
        sentences += [f"Successors: {row.successors}."] if _is_said(row.successors) else []
        if row.codes_without_successor:
            sentences.append(f"{_codes(row.codes_without_successor)} without a successor.")
    if row.codes_revised:
        said = "" if row.codes_deleted else rests
        sentences.append(
            f"Release {row.releases} {verbs[1]} {_codes(row.codes_revised)} of {row.product_id} on {day}{said}."
        )
    if row.codes_unmapped:
        sentences.append(
            f"{_codes(row.codes_unmapped)} new beside the set on {day}, in no value set: {row.unmapped_codes}."
        )
    return sentences


def _codes(count: int) -> str:
    return f"{count} code" if count == 1 else f"{count} codes"


def _is_said(text: object) -> bool:
    return isinstance(text, str) and bool(text)


def work_after_deactivation(events: pd.DataFrame) -> list[Cause]:
    """One cause per person whose NPI the registry has deactivated and whose work is told of in a later month.

    `events`: npi and event_month (the first such month), as `pipelines.providers.registry_events` finds them.
    """
    return [
        Cause(
            "provider",
            "provider",
            str(row.npi),
            f"NPI {row.npi} is deactivated, and work of it is told of from {pd.Timestamp(row.event_month):%Y-%m} on.",
        )
        for row in events.sort_values(["npi", "event_month"]).drop_duplicates("npi").itertuples()
    ]


def team_changes(roster: pd.DataFrame, planned_reps: pd.DataFrame) -> list[Cause]:
    """The roster now against the plan's `field_plan/rep_assignment`: a vacancy per territory, and the team's
    size.
    """
    if planned_reps.empty:
        return []
    now = set(roster["rep_id"])
    causes = []
    for row in planned_reps.sort_values("territory_id").itertuples():
        if bool(row.is_vacant) or pd.isna(row.rep_id):
            evidence = f"Territory {row.territory_id} was planned without a representative."
        elif row.rep_id not in now:
            evidence = (
                f"Representative {row.rep_id} of territory {row.territory_id} is no longer on the roster."
            )
        else:
            continue
        causes.append(Cause("team_change", "territory", str(row.territory_id), evidence))
    territories = planned_reps["territory_id"].nunique()
    change = len(now) / territories - 1.0
    if abs(change) >= TEAM_CHANGE_SHARE:
        evidence = f"The roster has {len(now)} representatives for {territories} territories ({change:+.0%})."
        causes.append(Cause("team_change", "national", "roster", evidence))
    return causes


def calendar_reviews(
    plan_id: str, plan_data_through: date, data_through: date, calendar_months: int
) -> list[Cause]:
    """A review of the whole plan once newer data reach `calendar_months` beyond the plan's. No clock."""
    age = (data_through.year - plan_data_through.year) * 12 + data_through.month - plan_data_through.month
    if age < calendar_months:
        return []
    rule = f"a review is due every {calendar_months}"
    evidence = f"The plan rests on data through {plan_data_through:%Y-%m}, {age} months ago; {rule}."
    return [Cause("calendar", "plan", plan_id, evidence)]


def _shift_sentence(row: Any) -> str:
    change = float(row.change_share)
    unit = "usd of all products" if row.measure == "all" else f"procedures of {row.measure}"
    low, high = getattr(row, "change_low_share", None), getattr(row, "change_high_share", None)
    interval = (
        "" if low is None or pd.isna(low) or pd.isna(high) else f", 95 % interval {low:+.0%} to {high:+.0%}"
    )
    return (
        f"{row.territory_id} has about {_about(row.observed)} {unit} in {_span(row.test_from, row.test_to)} where its"
        f" share of the nation in {_span(row.baseline_from, row.baseline_to)} leads one to expect"
        f" {_about(row.expected)}: {change:+.0%}{interval}, q {row.q_value:.2g}."
    )


def _about(value: float) -> str:
    """Two digits, and never finer than 50: the exact total of a territory would tell a unit that is withheld."""
    step = max(50.0, 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 0.0)
    return f"{math.floor(value / step + 0.5) * step:,.0f}"


def _span(first: object, last: object) -> str:
    start, end = pd.Timestamp(first), pd.Timestamp(last)
    return f"{start:%Y-%m}" if start == end else f"{start:%Y-%m} … {end:%Y-%m}"
