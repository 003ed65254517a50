"""What is said first: what changed, what is decided, how far the data goes; then the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.delivery.report.inputs import ReportInputs
from pipelines.delivery.report.wording import (
    DASH,
    change,
    count,
    is_known,
    money,
    money_words,
    percent,
    reach,
    whole,
    with_names,
)

DECISION_WORDS = {
    "initial": "First plan",
    "rebuild": "Territories redrawn",
    "keep": "Territories unchanged",
    "blocked": "Decision on hold",
}


DRIFTED = ("up", "down", "changed")


@dataclass(frozen=True)
class Figure:
    """One key figure: `value` large, `label` under it, `note` small."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Headline:
    """`decision` is initial, rebuild, keep or blocked; `sentence` stands alone; `why` explains it."""

    decision: str
    badge: str
    sentence: str
    why: list[str]
    data_through: str


def decision_of(inputs: ReportInputs) -> str:
    """As the plan mart or the manifest says it; else read from whether the plan is new and moved anything."""
    plan = inputs.plan
    told = plan.get("decision")
    if told in DECISION_WORDS:
        return str(told)
    if plan.get("built_for_refresh") != inputs.manifest.get("as_of_refresh"):
        return "keep"
    return "rebuild" if len(inputs["mart_plan_change"]) else "initial"


def headline(inputs: ReportInputs, table: pd.DataFrame, unit_word: tuple[str, str]) -> Headline:
    """Compose the opening. `table` is the territory table; `unit_word` one unit in singular and plural."""
    plan, decision = inputs.plan, decision_of(inputs)
    drifted = int(table["drift_class"].isin(DRIFTED).sum())
    drifted_in_decision = int(plan.get("drifted_territories", drifted))
    territories = count(len(table), "territory", "territories")
    moved_units = int(plan.get("moved_units", len(inputs["mart_plan_change"])))
    moved_share = plan.get("moved_opportunity_share")
    share_words = f", {percent(moved_share)} of all opportunity," if is_known(moved_share) else ""
    if decision == "initial":
        total = money_words(table["addressable_usd"].astype(float).sum())
        sentence = (
            f"The first plan is in place: {territories} share {total} of addressable opportunity a year."
        )
    elif decision == "rebuild":
        cause = (
            f"after procedure volume changed in {drifted_in_decision} of {territories}"
            if drifted_in_decision
            else "to restore balance"
        )
        sentence = (
            f"Territories were redrawn {cause}: {count(moved_units, *unit_word)}{share_words} changed hands."
        )
        sentence = sentence.replace(", changed", " changed") if not share_words else sentence
    elif decision == "blocked":
        sentence = "Territories stay as they are: a problem with the data puts the decision on hold."
    else:
        finding = (
            f"{count(drifted, 'territory', 'territories')} changed, but not enough to justify redrawing"
            if drifted
            else "nothing changed beyond what chance explains"
        )
        sentence = f"Territories stay as they are: {finding}."
    return Headline(
        decision,
        DECISION_WORDS[decision],
        sentence,
        _why(table, plan, decision),
        reach(inputs.manifest.get("data_through")),
    )


def key_figures(inputs: ReportInputs, table: pd.DataFrame, unit_word: tuple[str, str]) -> list[Figure]:
    """Six figures: territories, opportunity, balance, what moved, quota, what needs attention."""
    plan = inputs.plan
    index = table["balance_index"].astype(float)
    vacant = int(table["is_vacant"].sum())
    opportunity = table["addressable_usd"].astype(float).sum(min_count=1)
    quota, prior = table["quota_usd"].astype(float), table["prior_quota_usd"].astype(float)
    growth = quota.sum() / prior.sum() - 1 if prior.notna().all() and prior.sum() > 0 else None
    moved = int(plan.get("moved_units", len(inputs["mart_plan_change"])))
    flags = open_flags(inputs["mart_review_flag"])
    drifted = int(table["drift_class"].isin(DRIFTED).sum())
    return [
        Figure(
            str(len(table)),
            "territories",
            f"{vacant} without a representative" if vacant else "all with a representative",
        ),
        Figure(money(opportunity), "addressable opportunity a year", "what can be won, access considered"),
        Figure(
            f"{whole(index.min())} to {whole(index.max())}" if index.notna().any() else DASH,
            "opportunity index, lowest to highest",
            "100 is the average territory",
        ),
        Figure(
            whole(moved),
            f"{unit_word[1]} changed hands",
            _moved_note(plan, moved, decision_of(inputs) == "initial"),
        ),
        Figure(
            money(quota.sum(min_count=1)),
            "quota, all territories",
            f"{change(growth)} on the previous quota"
            if growth is not None
            else "no previous quota to compare with",
        ),
        Figure(
            str(len(flags)),
            "open review" if len(flags) == 1 else "open reviews",
            f"{count(drifted, 'territory', 'territories')} with changed volume",
        ),
    ]


def open_flags(flags: pd.DataFrame) -> pd.DataFrame:
    """Review flags that are not closed."""
    return flags[flags["state"].fillna("open").astype(str).str.lower() != "closed"]


def _why(table: pd.DataFrame, plan: dict[str, Any], decision: str) -> list[str]:
    sentences = []
    reason = plan.get("decision_reason")
    if reason:
        names = dict(zip(table["territory_id"], table["territory_name"], strict=True))
        sentences.append(with_names(str(reason).strip().rstrip(".") + ".", names))
    after, stale = plan.get("max_deviation_share"), plan.get("imbalance_now")
    if decision == "rebuild" and after is not None and stale is not None and after < stale:
        sentences.append(
            f"On the new figures the old borders left one territory {percent(stale)} off the average; "
            f"the new ones bring the largest distance to {percent(after)}."
        )
    elif is_known(after):
        sentences.append(f"The territory furthest from the average is {percent(after)} away from it.")
    return sentences


def _moved_note(plan: dict[str, Any], moved: int, is_first: bool) -> str:
    if is_first:
        return "the first plan: nothing to change from"
    if not moved:
        return "borders are as they were"
    share = plan.get("moved_opportunity_share")
    return f"{percent(share)} of all opportunity" if is_known(share) else ""
