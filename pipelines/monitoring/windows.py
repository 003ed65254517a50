"""Which months are compared: the year the plan was made on, against the usable months after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLANNING_MONTHS = 12
TEST_MONTHS = 3
"""A longer test window would dilute a shift that began lately; three months of 300 events see ±20 %."""


@dataclass(frozen=True)
class Windows:
    """First days of months, ascending. `test` is empty while no usable month lies after the plan.

    `after_plan` are all usable months since the plan; `test` is their end.
    """

    baseline: tuple[date, ...]
    test: tuple[date, ...]
    after_plan: tuple[date, ...] = ()

    @property
    def planning_year(self) -> tuple[date, ...]:
        """The last 12 usable months: what `fct_unit_potential` holds now."""
        last = self.test[-1] if self.test else self.baseline[-1]
        return months_ending(last, PLANNING_MONTHS)


def comparison_windows(
    plan_data_through: date,
    last_usable_month: date,
    *,
    first_month: date | None = None,
    baseline_months: int = PLANNING_MONTHS,
    test_months: int = TEST_MONTHS,
) -> Windows:
    """Baseline: the `baseline_months` ended at the plan's last usable month. Test: the last `test_months`
    after it.

    `first_month` is the first month any claims exist for: empty months before it are no baseline.
    """
    after = months_between(plan_data_through, last_usable_month)
    baseline = months_ending(plan_data_through, baseline_months)
    if first_month is not None:
        baseline = tuple(month for month in baseline if month >= first_month)
    return Windows(baseline, after[-test_months:], after)


def add_months(month: date, count: int) -> date:
    """First day of the month `count` months later (earlier if negative)."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_ending(last: date, count: int) -> tuple[date, ...]:
    return tuple(add_months(last, -back) for back in range(count - 1, -1, -1))


def months_between(after: date, through: date) -> tuple[date, ...]:
    """Months later than `after`, up to and with `through`."""
    distance = (through.year - after.year) * 12 + through.month - after.month
    return tuple(add_months(after, step) for step in range(1, distance + 1))


def month_labels(column: pd.Series) -> NDArray[np.datetime64]:
    """Any date-like column as numpy months, so that frames from DuckDB, Parquet and tests compare alike."""
    return pd.to_datetime(column).to_numpy().astype("datetime64[M]")


def as_months(months: Sequence[date]) -> NDArray[np.datetime64]:
    return np.array(list(months), dtype="datetime64[D]").astype("datetime64[M]")
