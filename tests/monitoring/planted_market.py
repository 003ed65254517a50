"""A small seeded market at unit level: six territories of eight units, two products, perhaps a shift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pipelines.config.model import Setting
from pipelines.monitoring.windows import Windows, comparison_windows, months_ending
from quality.drift import DriftReport, DriftRule, measure_drift

PLAN_THROUGH = date(2025, 6, 1)
PRICES = {"implant": 900.0, "injection": 250.0}
TERRITORIES = [f"T{place}" for place in range(1, 7)]
UNITS = [f"{territory}-u{place}" for territory in TERRITORIES for place in range(8)]
SETTINGS = {
    name: Setting(name, value, "", "", "")
    for name, value in {
        "drift_min_effect_share": 0.15,
        "drift_min_opportunity_share": 0.001,
        "drift_false_discovery_rate": 0.05,
        "rebuild_imbalance_share": 0.15,
    }.items()
}


@dataclass(frozen=True)
class Market:
    """Counts per unit × product × month up to `through`, and a plan made on data through `plan_through`."""

    through: date
    counts: pd.DataFrame
    plan_through: date = PLAN_THROUGH

    @property
    def windows(self) -> Windows:
        return comparison_windows(self.plan_through, self.through)

    @property
    def assignment(self) -> pd.DataFrame:
        return pd.DataFrame({"unit_id": UNITS, "territory_id": [unit.split("-")[0] for unit in UNITS]})

    def potential(self, through: date) -> pd.DataFrame:
        """`fct_unit_potential` as of `through`: the 12 months ended there, everything addressable."""
        year = self.counts[self.counts["service_month"].isin(months_ending(through, 12))]
        sums = year.groupby(["unit_id", "product_id"], as_index=False)[["procedures", "total_usd"]].sum()
        return sums.assign(addressable_usd=sums["total_usd"])

    @property
    def territory(self) -> pd.DataFrame:
        """`territories/territory` of the plan, as promised."""
        units = self.potential(self.plan_through).merge(self.assignment, on="unit_id")
        frame = units.groupby("territory_id", as_index=False)["addressable_usd"].sum()
        return frame.assign(balance_index=100 * frame["addressable_usd"] / frame["addressable_usd"].mean())

    def drift(self, counts: pd.DataFrame | None = None) -> DriftReport:
        rows = (self.counts if counts is None else counts).merge(self.assignment, on="unit_id")
        keys = ["territory_id", "product_id", "service_month"]
        return measure_drift(
            rows.groupby(keys, as_index=False)[["procedures", "total_usd"]].sum(),
            self.windows,
            DriftRule.from_settings(SETTINGS),
            territories=TERRITORIES,
            products=list(PRICES),
        )


def market(
    through: date = date(2025, 9, 1),
    *,
    factor: float = 1.0,
    product: str = "",
    after: date = PLAN_THROUGH,
    seed: int = 1,
) -> Market:
    """60 events a month per unit and product; `factor` on T3's units (one product or both) later than `after`."""
    random = np.random.default_rng(seed)
    months = [*months_ending(PLAN_THROUGH, 14), *comparison_windows(PLAN_THROUGH, through).after_plan]
    frames = []
    for name, price in PRICES.items():
        means = np.full((len(UNITS), len(months)), 60.0)
        if product in ("", name):
            is_hit = np.array([unit.startswith("T3") for unit in UNITS])
            is_after = np.array([month > after for month in months])
            means[np.ix_(is_hit, is_after)] *= factor
        counts = random.poisson(means).astype(float)
        frames.append(
            pd.DataFrame(
                {
                    "unit_id": np.repeat(UNITS, len(months)),
                    "product_id": name,
                    "service_month": np.tile(np.array(months, dtype=object), len(UNITS)),
                    "procedures": counts.ravel(),
                    "total_usd": counts.ravel() * price,
                }
            )
        )
    return Market(through, pd.concat(frames, ignore_index=True))
