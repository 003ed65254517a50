"""Months as numbers and the working-day calendar."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.market_simulator.months import (
    busy_day_weights,
    days_of,
    fifth_of_next_month,
    holidays,
    month_label,
    month_number,
)


@given(st.integers(1990 * 12, 2100 * 12))
@settings(max_examples=50)
def test_labels_and_numbers_are_inverse_and_days_fit_the_month(number: int) -> None:
    """A month number survives the trip through its label, and its days are that month's."""
    assert month_number(month_label(number)) == number
    days = days_of(number).astype("datetime64[D]")
    assert len(busy_day_weights(number)) == len(days)
    assert {str(day)[:7] for day in days} == {month_label(number)}


def test_working_days_of_february_and_march_2026() -> None:
    """The known pair: 19 working days (Presidents' Day is worked by most clinics, so 20 here) against 22."""
    working = {
        label: int((busy_day_weights(month_number(label)) == 1).sum()) for label in ("2026-02", "2026-03")
    }
    assert working == {"2026-02": 20, "2026-03": 22}


def test_holidays_of_two_years() -> None:
    """Fixed, floating and observed holidays fall where the calendar has them."""
    assert dt.date(2025, 11, 27) in holidays(2025)
    assert dt.date(2026, 5, 25) in holidays(2026)
    assert dt.date(2026, 7, 3) in holidays(2026)  # Independence Day on a Saturday
    assert dt.date(2021, 12, 31) in holidays(2022)  # New Year 2022 on a Saturday
    assert busy_day_weights(month_number("2021-12"))[-1] < 1


def test_a_refresh_is_delivered_on_the_fifth() -> None:
    """The delivery day crosses the year's end."""
    assert fifth_of_next_month(month_number("2025-12")) == "2026-01-05"


@pytest.mark.parametrize("label", ["2026-13", "2026-1", "26-01", "2026-01-01", ""])
def test_what_is_no_month_is_refused(label: str) -> None:
    """No half-read dates."""
    with pytest.raises(ValueError, match="not a month"):
        month_number(label)


def test_days_are_days_since_1970() -> None:
    """Arrow's date32 counts so."""
    assert days_of(month_number("1970-02"))[0] == 31
    assert np.diff(days_of(month_number("2024-02"))).tolist() == [1] * 28
