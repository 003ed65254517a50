"""The bench: how often nothing is flagged as drift, and how often a real shift is missed. Seeded.

docs/methods/drift.md quotes these figures; the limits here are what they must keep.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from territory_counts import RULE, as_frame, monthly_means, overdispersed, territory_ids, windows_after

from pipelines.monitoring.windows import add_months, comparison_windows
from quality.count_tests import conditional_p_value, reference_growth, row_dispersion
from quality.drift import measure_drift

RUNS = 80


def flags(random: np.random.Generator, *, dispersion: float, factor: float, test_months: int) -> np.ndarray:
    """Runs × 30 marks of drift for one product of 300 events a month; territory 0 multiplied by `factor`."""
    windows = windows_after(test_months)
    marks = []
    for _ in range(RUNS):
        means = monthly_means(random, 30, windows, 300)
        means[0, len(windows.baseline) :] *= factor
        frame = as_frame({"implant": overdispersed(random, means, dispersion)}, windows)
        details = measure_drift(
            frame, windows, RULE, territories=territory_ids(30), products=["implant"]
        ).details
        marks.append(details.loc[details["measure"] == "implant", "is_drift"].to_numpy())
    return np.array(marks)


@pytest.mark.parametrize("dispersion", [1.0, 2.0])
@pytest.mark.parametrize("test_months", [1, 3])
def test_nothing_planted_nothing_found(dispersion: float, test_months: int) -> None:
    """Without a change, the share of refreshes with any flag stays within the false-discovery rate (5 %)."""
    random = np.random.default_rng(100 + test_months)
    false_alarms = (
        flags(random, dispersion=dispersion, factor=1.0, test_months=test_months).any(axis=1).mean()
    )
    assert false_alarms <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / RUNS)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_twenty_percent_is_found_in_three_months(factor: float) -> None:
    """−20 % or its mirror +25 % at 300 events a month: found in ≥ 85 % within three usable months, no
    bystanders.
    """
    marks = flags(np.random.default_rng(7), dispersion=1.2, factor=factor, test_months=3)
    assert marks[:, 0].mean() >= 0.85
    assert marks[:, 1:].any(axis=1).mean() <= 0.05


def test_power_grows_with_volume() -> None:
    """The same −20 % at four times the events is practically never missed after one month."""
    random, windows, hits = np.random.default_rng(8), windows_after(1), 0
    for _ in range(40):
        means = monthly_means(random, 30, windows, 1200)
        means[0, 12:] *= 0.8
        frame = as_frame({"implant": overdispersed(random, means, 1.2)}, windows)
        table = measure_drift(frame, windows, RULE, territories=territory_ids(30), products=["implant"]).table
        hits += bool(table.loc[table["territory_id"] == "T01", "is_drift"].all())
    assert hits >= 37


def test_null_p_values_are_honest() -> None:
    """Under the null at most 5 % of p-values lie below 0.05, and they are not absurdly conservative."""
    random, windows, low = np.random.default_rng(9), windows_after(2), []
    for _ in range(150):
        counts = overdispersed(random, monthly_means(random, 30, windows, 300), 1.5)
        base, observed = counts[:, :12].sum(axis=1), counts[:, 12:].sum(axis=1)
        scale = row_dispersion(counts[:, :12], 2)
        growth = reference_growth(observed, base, scale)
        p = conditional_p_value(observed, base, np.full(30, growth), scale / (1 - base / base.sum()))
        low.append((p < 0.05).mean())
    assert 0.015 <= np.mean(low) <= 0.055


def test_twenty_four_null_refreshes_raise_at_most_one_review() -> None:
    """24 monthly refreshes under one plan and no change, repeated 5 times: on average at most one territory
    review.
    """
    reviews = []
    for run in range(5):
        random = np.random.default_rng(500 + run)
        long = windows_after(24)
        horizon = [*long.baseline, *long.after_plan]
        means = np.outer(random.uniform(200, 400, 30), 1 + 0.2 * np.sin(np.arange(len(horizon)) / 2))
        counts = overdispersed(random, means, 1.3)
        table = pd.DataFrame(counts, index=territory_ids(30), columns=pd.Index(horizon, dtype=object))
        frame = (
            table.stack().rename("procedures").rename_axis(["territory_id", "service_month"]).reset_index()
        )
        frame = frame.assign(product_id="implant", total_usd=frame["procedures"] * 900.0)
        opened: set[str] = set()
        count = 0
        for month in range(1, 25):
            windows = comparison_windows(long.baseline[-1], add_months(long.baseline[-1], month))
            found = measure_drift(
                frame, windows, RULE, territories=territory_ids(30), products=["implant"]
            ).table
            drifted = set(found.loc[found["is_drift"], "territory_id"])
            count += len(drifted - opened)
            opened = drifted
        reviews.append(count)
    assert np.mean(reviews) <= 1.0
