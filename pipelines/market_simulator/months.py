"""Months as whole numbers, and how busy each day of a month is.

A month number is `year * 12 + month - 1`, so that months subtract. Days are days since 1970-01-01 (numpy and
Arrow's date32).
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

SATURDAY_SHARE, SUNDAY_SHARE, HOLIDAY_SHARE = 0.10, 0.03, 0.08
USUAL_WORKING_DAYS = 21.3  # busy-day weight of a mean month, with the shares above


def month_number(label: str) -> int:
    """`"2026-01"` → number. Raises ValueError on anything else."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", label):
        raise ValueError(f"not a month: {label!r}")
    year, month = label.split("-")
    return int(year) * 12 + int(month) - 1


def month_label(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def first_day(number: int) -> int:
    """Days since 1970-01-01 of the month's first day."""
    return int(np.datetime64(month_label(number), "D").astype(int))


def days_of(number: int) -> np.ndarray:
    return np.arange(first_day(number), first_day(number + 1))


def iso_date(day: int) -> str:
    return str(np.datetime64(int(day), "D"))


def fifth_of_next_month(number: int) -> str:
    """The day a refresh of this month is delivered."""
    return iso_date(first_day(number + 1) + 4)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def holidays(year: int) -> frozenset[dt.date]:
    """The federal holidays on which clinics close (weekend holidays are observed on the nearest weekday)."""
    thursday, monday = 3, 0
    last_monday_of_may = max(
        day
        for nth in (4, 5)
        if (day := _nth_weekday(year, 5, monday, nth)).month == 5  # a fifth Monday may fall into June
    )
    floating = {
        _nth_weekday(year, 1, monday, 3),
        last_monday_of_may,
        _nth_weekday(year, 9, monday, 1),
        _nth_weekday(year, 11, thursday, 4),
    }
    fixed = [dt.date(year, 1, 1), dt.date(year, 6, 19), dt.date(year, 7, 4), dt.date(year, 12, 25)]
    shift = {5: -1, 6: 1}
    observed = {day + dt.timedelta(days=shift.get(day.weekday(), 0)) for day in fixed}
    return frozenset(floating | observed)


def busy_day_weights(number: int) -> np.ndarray:
    """One weight per day of the month: 1 on working days, small shares on weekends and holidays."""
    closed = holidays(number // 12) | holidays(number // 12 + 1)  # New Year may be observed on 31 December
    weights = []
    for day in days_of(number):
        date = dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
        share = {5: SATURDAY_SHARE, 6: SUNDAY_SHARE}.get(date.weekday(), 1.0)
        weights.append(HOLIDAY_SHARE if date in closed and share == 1.0 else share)
    return np.array(weights)
