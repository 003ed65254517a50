"""How many working days a month has: weekdays less US federal holidays, computed by rule.

Belongs here: days. The law is 5 U.S.C. 6103 with Executive Order 11582: a holiday on a Saturday is observed on the Friday
before, one on a Sunday on the Monday after. Holidays of earlier law (before 1971) are not modelled.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

MONDAY, THURSDAY = 0, 3
LAST = -1


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth such weekday of a month; `LAST` is the last."""
    if nth == LAST:
        end = date(year, month + 1, 1) - timedelta(days=1)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """Days off in `year`, as observed. New Year's Day of the next year may be observed on 31 December of this one."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25), date(year + 1, 1, 1)]
    if year >= 2021:
        fixed.append(date(year, 6, 19))
    moving = [
        _nth(year, 2, MONDAY, 3),
        _nth(year, 5, MONDAY, LAST),
        _nth(year, 9, MONDAY, 1),
        _nth(year, 10, MONDAY, 2),
        _nth(year, 11, THURSDAY, 4),
    ]
    if year >= 1986:
        moving.append(_nth(year, 1, MONDAY, 3))
    return frozenset(day for day in [*map(_observed, fixed), *moving] if day.year == year)


def month_days(months: pd.DatetimeIndex) -> pd.DataFrame:
    """`working_days`, `holidays` (weekdays off) and `weekend_days` of each month (first days), indexed by month."""
    rows = []
    for month in months:
        first = month.date()
        after = (month + pd.DateOffset(months=1)).date()
        weekdays = int(np.busday_count(first, after))
        holidays = sum(first <= day < after for day in federal_holidays(first.year))
        rows.append((weekdays - holidays, holidays, (after - first).days - weekdays))
    columns = ["working_days", "holidays", "weekend_days"]
    return pd.DataFrame(rows, index=months, columns=columns)


def weekend_weight(procedures: float, weekend_procedures: float, days: pd.DataFrame) -> float:
    """What a day off counts in working days: the rate of a weekend day ÷ the rate of a working day, from 0 to 1.

    Holidays are taken for weekend days, so with n procedures on weekdays, e on weekends, W working days, H holidays and
    E weekend days: n = r(W + wH), e = rwE, hence w = eW ÷ (nE − eH).
    """
    working, holidays, weekend = (float(days[name].sum()) for name in days.columns)
    on_weekdays = procedures - weekend_procedures
    below = on_weekdays * weekend - weekend_procedures * holidays
    return float(min(1.0, weekend_procedures * working / below)) if below > 0 else 1.0


def working_day_equivalents(days: pd.DataFrame, weight: float) -> pd.Series:
    """Working days of each month plus its days off, each at `weight` of a working day."""
    return days["working_days"] + weight * (days["holidays"] + days["weekend_days"])
