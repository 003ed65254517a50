"""Seeded monthly counts per territory and product, with and without a planted change."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.random import Generator

from pipelines.config.model import Setting
from pipelines.monitoring.windows import Windows, add_months, comparison_windows
from quality.drift import DriftRule

PLAN_THROUGH = date(2025, 6, 1)
PRICES = {"implant": 900.0, "injection": 250.0, "brace": 60.0}
SETTINGS = {
    name: Setting(name, value, "", "", "")
    for name, value in {
        "drift_min_effect_share": 0.15,
        "drift_min_opportunity_share": 0.001,
        "drift_false_discovery_rate": 0.05,
        "supply_max_channel_drop_share": 0.3,
        "rebuild_imbalance_share": 0.15,
        "balance_tolerance_share": 0.1,
    }.items()
}
RULE = DriftRule.from_settings(SETTINGS)


def windows_after(test_months: int) -> Windows:
    return comparison_windows(PLAN_THROUGH, add_months(PLAN_THROUGH, test_months))


def territory_ids(count: int) -> list[str]:
    return [f"T{place:02d}" for place in range(1, count + 1)]


def overdispersed(random: Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """Counts with variance dispersion × mean (negative binomial; Poisson at 1)."""
    if dispersion <= 1:
        return random.poisson(mean).astype(float)
    return random.negative_binomial(mean / (dispersion - 1.0), 1.0 / dispersion).astype(float)


def monthly_means(random: Generator, territories: int, windows: Windows, events: float) -> np.ndarray:
    """Territories × months: unequal territories, a season, national growth and a falling reporting level."""
    months = len(windows.baseline) + len(windows.test)
    season = 1 + 0.25 * np.sin(np.arange(months) * 2 * np.pi / 12)
    growth = 1.01 ** np.arange(months)
    lag = np.where(np.arange(months) >= months - 2, 0.92, 1.0)
    return events * np.outer(random.uniform(0.7, 1.3, territories), season * growth * lag)


def as_frame(counts: dict[str, np.ndarray], windows: Windows) -> pd.DataFrame:
    """`counts`: product → territories × months, as the input frame of `measure_drift`."""
    months = [*windows.baseline, *windows.test]
    frames = []
    for product, table in counts.items():
        names = territory_ids(len(table))
        frames.append(
            pd.DataFrame(
                {
                    "territory_id": np.repeat(names, len(months)),
                    "product_id": product,
                    "service_month": np.tile(np.array(months, dtype=object), len(names)),
                    "procedures": table.ravel(),
                    "total_usd": table.ravel() * PRICES[product],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
