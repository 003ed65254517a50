"""The months that are compared."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipelines.monitoring.windows import add_months, comparison_windows, months_between, months_ending

MONTHS = st.dates(date(2000, 1, 1), date(2050, 1, 1)).map(lambda day: day.replace(day=1))


@given(MONTHS, st.integers(0, 40))
def test_baseline_and_test_meet_without_overlap(plan: date, later: int) -> None:
    """The baseline ends with the plan's month, the test begins after it, and no month is in both."""
    windows = comparison_windows(plan, add_months(plan, later))
    assert len(windows.baseline) == 12
    assert windows.baseline[-1] == plan
    assert len(windows.test) == min(later, 3)
    assert len(windows.after_plan) == later
    assert not set(windows.baseline) & set(windows.after_plan)
    assert len(windows.planning_year) == 12
    if later:
        assert windows.test[-1] == add_months(plan, later) == windows.planning_year[-1]


def test_months_before_the_first_claim_are_no_baseline() -> None:
    """A plan made on four months of claims has a baseline of four months, not eight empty ones more."""
    windows = comparison_windows(date(2025, 4, 1), date(2025, 6, 1), first_month=date(2025, 1, 1))
    assert windows.baseline == tuple(date(2025, month, 1) for month in (1, 2, 3, 4))


def test_data_that_end_before_the_plan_give_no_test_month() -> None:
    """A refresh that reaches no further than the plan has nothing to test."""
    assert comparison_windows(date(2025, 6, 1), date(2025, 5, 1)).test == ()


@given(MONTHS, st.integers(1, 30))
def test_month_arithmetic_agrees(last: date, count: int) -> None:
    """Counting back and counting forward give the same months."""
    months = months_ending(last, count)
    assert months == months_between(add_months(last, -count), last)
    assert all(add_months(first, 1) == second for first, second in pairwise(months))
