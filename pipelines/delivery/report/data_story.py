"""Where the figures come from: what was delivered, what became of it, how far it goes, what is not known."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipelines.delivery.report.inputs import ReportInputs, suppressed_units
from pipelines.delivery.report.wording import DASH, count, is_known, month, percent, spoken, whole

RECONCILIATION_WORDS = {
    "delivered_rows": "Delivered",
    "accepted_rows": "Accepted",
    "quarantined_rows": "Set aside",
    "superseded_lines": "Replaced later",
    "voided_lines": "Cancelled",
    "current_lines": "In force",
    "services": "Services",
    "services_located": "Located",
    "services_unlocated": "Not located",
}


@dataclass(frozen=True)
class DataStory:
    """`reach`: one row per source. `refreshes`: header words and rows of text, newest first. Sentences
    beside.
    """

    reach: list[dict[str, str]]
    refresh_words: list[str]
    refreshes: list[list[str]]
    balance: list[str]
    unsure: list[str]


def data_story(
    inputs: ReportInputs, table: pd.DataFrame, unit_word: tuple[str, str], not_drawn: int
) -> DataStory:
    """`table`: the territory table; `not_drawn`: units without a place on the map."""
    frame = inputs["mart_refresh_reconciliation"]
    frame = frame.sort_values(["known_on", "refresh_id"], ascending=False)
    rows = [
        [str(row["refresh_id"]), *(whole(row[name]) for name in RECONCILIATION_WORDS)]
        for _, row in frame.iterrows()
    ]
    reach = [
        {
            "source": spoken(row["source"]),
            "kind": {"lines": "claims, line by line", "annual": "yearly totals"}.get(
                row["source_kind"], DASH
            ),
            "seen": month(row["last_service_month"]),
            "used": month(row["last_usable_month"]),
        }
        for _, row in inputs["mart_data_through"].sort_values("source").iterrows()
    ]
    return DataStory(
        reach=reach,
        refresh_words=["Refresh", *RECONCILIATION_WORDS.values()],
        refreshes=rows,
        balance=[_balance(frame)],
        unsure=_unsure(inputs, table, unit_word, not_drawn),
    )


def _balance(frame: pd.DataFrame) -> str:
    """Whether every delivered row is accounted for, over all refreshes."""
    totals = frame[["delivered_rows", "accepted_rows", "quarantined_rows"]].astype(float).sum(min_count=1)
    if totals.isna().any():
        return "How many of the delivered rows were accepted is not known here."
    delivered, accepted, aside = totals
    if gap := delivered - accepted - aside:
        return (
            f"{whole(abs(gap))} of {whole(delivered)} delivered rows are not accounted for. "
            "Treat all figures with care."
        )
    return (
        f"Every one of the {whole(delivered)} rows delivered is accounted for: {whole(accepted)} were "
        "accepted "
        f"and {whole(aside)} were set aside with a reason."
    )


def _unsure(
    inputs: ReportInputs, table: pd.DataFrame, unit_word: tuple[str, str], not_drawn: int
) -> list[str]:
    """What the reader should not take from the figures, each in one sentence."""
    said: list[str] = []
    reach = inputs["mart_data_through"]
    lines = reach[(reach["source_kind"] == "lines") & reach["last_usable_month"].notna()]
    for _, row in lines.iterrows():
        if is_known(row["last_service_month"]) and row["last_service_month"] != row["last_usable_month"]:
            said.append(
                f"{spoken(row['source'])}: claims after {month(row['last_usable_month'])} are still "
                "arriving, "
                "so those months are not used yet."
            )
    assignment = inputs["mart_unit_assignment"]
    hidden = int(suppressed_units(assignment).sum())
    if hidden:
        said.append(
            f"{count(hidden, *unit_word)} of {whole(len(assignment))} have too few patients to show "
            "without risking that "
            "someone is recognised. They count in territory totals and are hatched on the map."
        )
    services, lost = (
        inputs["mart_refresh_reconciliation"][name].astype(float).sum()
        for name in ("services", "services_unlocated")
    )
    if lost > 0:
        said.append(
            f"Of all services, {percent(lost / services)} could not be placed on the map; "
            "they belong to no territory."
        )
    total, unknown = (table[name].astype(float).sum() for name in ("total_usd", "unknown_usd"))
    if unknown > 0:
        said.append(
            f"For {percent(unknown / total)} of the opportunity it is not known whether we have access to "
            "the site; "
            "it is not counted as addressable."
        )
    untold = int(
        table["drift_words"].isin(["Too early to tell", "Too little data to tell", "Not tested"]).sum()
    )
    if untold:
        said.append(
            f"In {count(untold, 'territory', 'territories')} it cannot be said yet whether volume changed."
        )
    if blocked := int((table["drift_words"] == "On hold: data problem").sum()):
        said.append(
            f"In {count(blocked, 'territory', 'territories')} change is not judged because of a data problem."
        )
    plan = inputs.plan
    if plan and "bound" not in plan:
        said.append("The plan is good, but it is not proven that no better one exists.")
    elif is_known(plan.get("gap_share")):
        said.append(f"No other plan can be more than {percent(plan['gap_share'])} better than this one.")
    split = table[table["is_contiguous"].eq(False)]
    if len(split):
        said.append(
            f"{count(len(split), 'territory', 'territories')} is in more than one piece."
            if len(split) == 1
            else f"{len(split)} territories are in more than one piece."
        )
    if not_drawn:
        said.append(f"{count(not_drawn, *unit_word)} could not be drawn on the map; the tables include them.")
    return said + inputs.gaps
