"""`capture_rates.csv` and `market_lives.csv`: how much of the market the sources tell of, per payer channel,
state and month.

Belongs here: the two ways in which the user may say it. A folder without the files says nothing, and nothing is made up
(docs/methods/opportunity.md, section 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import SINCE_ALWAYS, Row, read_rows
from pipelines.config.settings import STATES
from pipelines.config.sources import CHANNELS
from pipelines.problems import Problem

RATES_FILE = "capture_rates.csv"
LIVES_FILE = "market_lives.csv"
_PLACE = ("payer_channel", "state", "from_month", "to_month")
_RATE_COLUMNS = (*_PLACE, "capture_rate", "low", "high", "source")
_LIVES_COLUMNS = (*_PLACE, "lives", "source")
_LOWEST_RATE = 0.001  # below it a projection would be a thousandfold of what was seen
_MOST_LIVES = 1e9


def read_capture_rates(folder: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/capture_rate`, sorted by its key; an empty `state` is the nation. A folder without the
    file has none.

    A rate without `low` and `high` is taken as known exactly; `low <= capture_rate <= high` must hold.
    """
    rows, problems = _rows(folder, RATES_FILE, _RATE_COLUMNS)
    entries = []
    for row in rows:
        entry = _place(row)
        rate = row.number("capture_rate", _LOWEST_RATE, 1)
        if rate is None and not row.optional("capture_rate"):
            row.refuse("capture_rate", "the value is missing", "Give the share of the market, 0.001 to 1.")
        low, high = (row.number(name, _LOWEST_RATE, 1) for name in ("low", "high"))
        if rate is not None and not row.problems:
            low, high = rate if low is None else low, rate if high is None else high
            if not low <= rate <= high:
                row.refuse(
                    "capture_rate", "the rate is not between low and high", "Write low <= rate <= high."
                )
            entry |= {"capture_rate": rate, "capture_rate_low": low, "capture_rate_high": high}
        entries.append((row, entry))
    return _without_twins(entries), problems + _problems(rows)


def read_market_lives(folder: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/market_lives`, sorted by its key: people covered in the market, whoever tells of them."""
    rows, problems = _rows(folder, LIVES_FILE, _LIVES_COLUMNS)
    entries = []
    for row in rows:
        entry = _place(row)
        lives = row.number("lives", 1, _MOST_LIVES)
        if lives is None and not row.optional("lives"):
            row.refuse("lives", "the value is missing", "Give the number of covered people.")
        elif lives is not None and not lives.is_integer():
            row.refuse("lives", "people are whole", "Give a whole number.")
        else:
            entry |= {"lives": None if lives is None else int(lives)}
        entries.append((row, entry))
    return _without_twins(entries), problems + _problems(rows)


def _rows(folder: Path, file: str, columns: tuple[str, ...]) -> tuple[list[Row], list[Problem]]:
    return read_rows(folder / file, file, columns) if (folder / file).is_file() else ([], [])


def _place(row: Row) -> dict[str, Any]:
    """Channel, state and months of a row."""
    state = row.optional("state").upper()
    if state and state not in STATES:
        row.refuse(
            "state", "the value is no state", "Use two USPS letters, or leave it empty for the nation."
        )
    start, end = _month(row, "from_month") or SINCE_ALWAYS, _month(row, "to_month")
    if end is not None and end < start:
        row.refuse(
            "to_month", "the end is before the start", "to_month is the last month, not before from_month."
        )
    return {
        "payer_channel": row.choice("payer_channel", CHANNELS),
        "state": state,
        "from_month": start,
        "to_month": end,
        "source": row.text("source"),
    }


def _month(row: Row, column: str) -> date | None:
    """The first day of a month written as YYYY-MM; None where the cell is empty."""
    text = row.optional(column)
    if not text:
        return None
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) or text < "1900":
        row.refuse(column, "the month cannot be read", "Write it as YYYY-MM, e.g. 2026-01.")
        return None
    return date.fromisoformat(f"{text}-01")


def _without_twins(entries: Iterable[tuple[Row, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Good rows; of two that hold for the same channel, state and month the later one in the file is refused."""
    kept: list[dict[str, Any]] = []
    for row, entry in entries:
        if row.problems:
            continue
        if any(_overlap(entry, other) for other in kept):
            message = "an earlier row holds for the same channel, state and months"
            row.refuse("from_month", message, "Let the months of the rows follow each other.")
            continue
        kept.append(entry)
    return sorted(kept, key=lambda entry: (entry["payer_channel"], entry["state"], entry["from_month"]))


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if any(one[name] != other[name] for name in ("payer_channel", "state")):
        return False
    last = date.max
    return one["from_month"] <= (other["to_month"] or last) and other["from_month"] <= (
        one["to_month"] or last
    )


def _problems(rows: Iterable[Row]) -> list[Problem]:
    return [problem for row in rows for problem in row.problems]
