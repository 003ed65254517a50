"""Working days against the calendar of pandas and numpy, and by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.tseries.holiday import USFederalHolidayCalendar

from pipelines.trends.calendar import (
    federal_holidays,
    month_days,
    weekend_weight,
    working_day_equivalents,
)


def test_february_and_march_2026_by_hand() -> None:
    """February 2026 has 20 weekdays less Presidents' Day; March has 22 and no holiday: +15.8 % (T26)."""
    days = month_days(pd.DatetimeIndex(["2026-02-01", "2026-03-01"]))
    assert list(days["working_days"]) == [19, 22]
    assert list(days["weekend_days"]) == [8, 9]
    assert days["working_days"].iloc[1] / days["working_days"].iloc[0] - 1 == pytest.approx(0.158, abs=0.001)


@pytest.mark.parametrize(("year", "working"), [(2024, 20), (2028, 20), (2023, 19), (2000, 20), (2100, 19)])
def test_leap_years(year: int, working: int) -> None:
    """29 February counts where it exists and is a weekday; 2100 is no leap year."""
    assert month_days(pd.DatetimeIndex([f"{year}-02-01"]))["working_days"].iloc[0] == working


def test_holidays_are_those_of_an_independent_calendar() -> None:
    """Forty years, day by day, equal pandas' own calendar of observed federal holidays."""
    start, end = date(1990, 1, 1), date(2035, 12, 31)
    ours = {day for year in range(1990, 2036) for day in federal_holidays(year)}
    theirs = {day.date() for day in USFederalHolidayCalendar().holidays(start, end)}
    assert ours == theirs


def test_a_new_year_on_a_saturday_is_a_holiday_of_the_year_before() -> None:
    """1 January 2022 was a Saturday: 31 December 2021 is off, and no day of January for it."""
    assert date(2021, 12, 31) in federal_holidays(2021)
    assert federal_holidays(2022) & {date(2022, 1, 1), date(2021, 12, 31)} == set()


def test_weekend_weight_is_found_again() -> None:
    """Counts made with a day off worth 0.3 of a working day give 0.3 back, and the months' lengths follow."""
    days = month_days(pd.date_range("2024-01-01", periods=24, freq="MS"))
    rate = 7.0
    weekend = 0.3 * rate * days["weekend_days"].sum()
    weekdays = rate * (days["working_days"].sum() + 0.3 * days["holidays"].sum())
    weight = weekend_weight(weekdays + weekend, weekend, days)
    assert weight == pytest.approx(0.3)
    lengths = working_day_equivalents(days, weight)
    assert (rate * lengths).sum() == pytest.approx(weekdays + weekend)
    assert weekend_weight(100.0, 0.0, days) == 0.0
    assert weekend_weight(0.0, 0.0, days) in (0.0, 1.0)
    assert np.isfinite(weekend_weight(10.0, 10.0, days))
