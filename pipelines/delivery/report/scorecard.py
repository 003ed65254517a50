"""The scorecard table: one row per territory, cells with their sort value and the bar beside the number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.delivery.report.wording import DASH, change, count, is_known, money, whole

NO_REP = "Vacant"


@dataclass(frozen=True)
class Column:
    words: str
    meaning: str
    numeric: bool = True


@dataclass(frozen=True)
class Cell:
    """`sort` is what the column sorts by; `left, width` place the bar in percent, `width` None draws none."""

    text: str
    sort: str
    numeric: bool = True
    is_name: bool = False
    left: float = 0.0
    width: float | None = None
    index: bool = False
    badge: str = ""


@dataclass(frozen=True)
class Row:
    territory_id: str
    cells: list[Cell]


@dataclass(frozen=True)
class Scorecard:
    sentence: str
    columns: list[Column]
    rows: list[Row]


COLUMNS = [
    Column("#", "Number on the map"),
    Column("Territory", "Named after its largest place", numeric=False),
    Column("Representative", "Who works it", numeric=False),
    Column("Opportunity", "Addressable opportunity a year"),
    Column("Opportunity index", "100 is the average territory"),
    Column("Workload index", "Visit and travel hours; 100 is the average territory"),
    Column("Miles to drive", "Mean miles from the seat to a unit"),
    Column("Compact", "0 is a thread, 1 is a circle"),
    Column("Quota", "For the planning year"),
    Column("Quota change", "Against the previous quota"),
    Column("Volume", "Procedure volume since the plan was made", numeric=False),
]


def scorecard(table: pd.DataFrame) -> Scorecard:
    """`table`: the territory table."""
    most_usd = table["addressable_usd"].astype(float).max()
    most_quota = table["quota_usd"].astype(float).max()
    widest = {name: _widest(table[name]) for name in ("balance_index", "workload_index")}
    rows = [
        Row(str(row["territory_id"]), _cells(row, most_usd, most_quota, widest))
        for _, row in table.iterrows()
    ]
    return Scorecard(_sentence(table), COLUMNS, rows)


def _cells(row: pd.Series, most_usd: float, most_quota: float, widest: dict[str, float]) -> list[Cell]:
    rep = NO_REP if row["is_vacant"] else str(row["rep_name"]) if is_known(row["rep_name"]) else DASH
    words = row["drift_words"]
    if is_known(row["drift_change_share"]):
        words = f"{words}, {change(row['drift_change_share'])}" if row["drift_class"] != "steady" else words
    return [
        Cell(str(row["number"]), str(row["number"])),
        Cell(str(row["territory_name"]), str(row["territory_name"]), numeric=False, is_name=True),
        Cell(rep, rep, numeric=False, badge="vacant" if row["is_vacant"] else ""),
        _amount(row["addressable_usd"], most_usd),
        _index(row["balance_index"], widest["balance_index"]),
        _index(row["workload_index"], widest["workload_index"]),
        Cell(whole(row["mean_drive_miles"]), _sort(row["mean_drive_miles"])),
        Cell(
            f"{row['compactness']:.2f}" if is_known(row["compactness"]) else DASH, _sort(row["compactness"])
        ),
        _amount(row["quota_usd"], most_quota),
        Cell(change(row["quota_change_share"]), _sort(row["quota_change_share"])),
        Cell(words, _sort(row["drift_change_share"]), numeric=False, badge=row["drift_class"]),
    ]


def _amount(value: Any, most: float) -> Cell:
    width = round(float(value) / most * 100, 1) if is_known(value) and most > 0 else None
    return Cell(money(value), _sort(value), width=width)


def _index(value: Any, widest: float) -> Cell:
    """A bar from the middle (100) to the left or the right; the furthest territory reaches the end."""
    if not is_known(value):
        return Cell(DASH, "")
    reach = min(abs(float(value) - 100) / widest, 1.0) * 50
    return Cell(
        whole(value),
        _sort(value),
        left=round(50.0 if float(value) >= 100 else 50.0 - reach, 1),
        width=round(reach, 1),
        index=True,
    )


def _widest(values: pd.Series) -> float:
    """The largest distance from 100, at least 20, so that small differences do not look large."""
    return max(20.0, float((values.astype(float) - 100).abs().max(skipna=True) or 0.0))


def _sort(value: Any) -> str:
    return f"{float(value):.6g}" if is_known(value) else ""


def _sentence(table: pd.DataFrame) -> str:
    index = table["balance_index"].astype(float)
    if index.notna().sum() == 0:
        return "How evenly opportunity is spread is not known here."
    best, least = table.loc[index.idxmax()], table.loc[index.idxmin()]
    within = int((index.sub(100).abs() <= 15).sum())
    return (
        f"{within} of {count(len(table), 'territory', 'territories')} hold between 85 and 115% of the "
        "average opportunity. "
        f"The most is in {best['territory_name']} ({whole(best['balance_index'])}), the least in "
        f"{least['territory_name']} ({whole(least['balance_index'])})."
    )
