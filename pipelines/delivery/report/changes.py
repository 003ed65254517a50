"""What moved and why: units that changed hands, gathered by giver and receiver."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipelines.delivery.report.inputs import ReportInputs
from pipelines.delivery.report.wording import count, is_known, joined, money, percent, with_names

LONGEST_LIST = 60


@dataclass(frozen=True)
class Handover:
    """Everything one territory gave another. `opportunity` leaves out withheld units and says so."""

    giver: str
    receiver: str
    units: str
    names: str
    opportunity: str
    reason: str


@dataclass(frozen=True)
class Changes:
    handovers: list[Handover]
    summary: list[str]
    rest: int
    """Handovers beyond the longest list that is shown."""


def changes(inputs: ReportInputs, table: pd.DataFrame, unit_word: tuple[str, str]) -> Changes:
    """Handovers, the largest first, and sentences on what the move achieved."""
    moved = inputs["mart_plan_change"]
    if moved.empty:
        return Changes([], [], 0)
    names = table.set_index("territory_id")["territory_name"]
    places = inputs["mart_unit_assignment"].drop_duplicates("unit_id").set_index("unit_id")
    spoken_names = [
        place_name(places.loc[unit] if unit in places.index else None, unit) for unit in moved["unit_id"]
    ]
    moved = moved.assign(place=spoken_names, usd=moved["addressable_usd"].astype(float))
    rows = []
    for (giver, receiver), members in moved.groupby(["from_territory_id", "to_territory_id"], sort=True):
        ordered = members.sort_values(["usd", "unit_id"], ascending=[False, True])
        withheld = int(ordered["usd"].isna().sum())
        known = ordered["usd"].sum(min_count=1)
        worth = money(known) + (
            f" plus {count(withheld, 'withheld ' + unit_word[0], 'withheld ' + unit_word[1])}"
            if withheld
            else ""
        )
        reasons = [str(reason) for reason in ordered["reason"].dropna().unique() if str(reason).strip()]
        rows.append(
            (
                -(known if is_known(known) else 0.0),
                Handover(
                    str(names.get(giver, giver)),
                    str(names.get(receiver, receiver)),
                    count(len(ordered), *unit_word),
                    _listed(ordered["place"].tolist()),
                    worth,
                    with_names("; ".join(reasons), names.to_dict()),
                ),
            )
        )
    rows.sort(key=lambda row: (row[0], row[1].giver, row[1].receiver))
    return Changes(
        [row[1] for row in rows[:LONGEST_LIST]],
        _summary(inputs, moved, names.to_dict(), unit_word),
        max(0, len(rows) - LONGEST_LIST),
    )


def place_name(place: pd.Series | None, unit_id: object) -> str:
    """`Cumberland County, ME`, or the unit's number where it has no name."""
    if place is None or not is_known(place.get("unit_name")):
        return str(unit_id)
    state = place.get("state")
    name = str(place["unit_name"])
    return f"{name}, {state}" if is_known(state) and not name.endswith(f", {state}") else name


def _listed(names: list[str], most: int = 8) -> str:
    """The first names and how many more; a place known by number only is a number."""
    if len(names) <= most:
        return joined(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _summary(
    inputs: ReportInputs, moved: pd.DataFrame, names: dict[str, str], unit_word: tuple[str, str]
) -> list[str]:
    plan = inputs.plan
    givers = moved["from_territory_id"].nunique()
    receivers = moved["to_territory_id"].nunique()
    share = plan.get("moved_opportunity_share")
    worth = f", {percent(share)} of all opportunity," if is_known(share) else ""
    sentences = [
        f"{count(len(moved), *unit_word)}{worth} moved from {count(givers, 'territory', 'territories')} "
        f"to {count(receivers, 'territory', 'territories')}. Everything else stays where it was."
    ]
    if is_known(plan.get("what_binds")):
        sentences.append(
            "What keeps the plan from being more even: "
            f"{with_names(str(plan['what_binds']), names).rstrip('.')}."
        )
    return sentences
