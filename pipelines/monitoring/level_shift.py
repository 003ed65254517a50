"""Planning factors: how far a unit's potential must be lifted or lowered to be true after a confirmed drift.

`fct_unit_potential` holds the last 12 usable months, in which a recent shift shows only in part. In a
territory with confirmed drift each unit's observed ÷ expected ratio is shrunk towards the territory's ratio
(Gamma–Poisson empirical Bayes; Clayton & Kaldor 1987, moments after Marshall 1991), and what the planning
year already holds of it is taken out. Everywhere else the factor is exactly 1.0, so that a refresh without
drift moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.monitoring.windows import Windows, as_months, month_labels

Floats: TypeAlias = NDArray[np.float64]
UNIT_PRODUCT = ["unit_id", "product_id"]


@dataclass(frozen=True)
class LevelShift:
    """`table` is `monitoring/level_shift`; `by_product` (unit_id, product_id, level_factor) lists factors
    that are not 1.

    Keep `by_product` with the plan that is built on it: later refreshes measure drift against what the plan
    expects.
    """

    table: pd.DataFrame
    by_product: pd.DataFrame


def level_factors(
    unit_counts: pd.DataFrame,
    assignment: pd.DataFrame,
    drift: pd.DataFrame,
    windows: Windows,
    potential: pd.DataFrame,
    *,
    planned: pd.DataFrame | None = None,
) -> LevelShift:
    """Factors on each unit's addressable dollars.

    `unit_counts`: unit_id, product_id, service_month, procedures (usable months, as counted). `assignment`:
    unit_id, territory_id. `drift`: `DriftReport.details`. `potential`: `fct_unit_potential`. `planned`: the
    active plan's own `by_product` factors; they fade as the planning year fills with months after the plan.
    """
    territory_of = assignment.set_index("unit_id")["territory_id"]
    sums = _window_sums(unit_counts[unit_counts["unit_id"].isin(territory_of.index)], windows)
    sums["territory_id"] = sums["unit_id"].map(territory_of)
    sums = sums.merge(_planned_factors(planned), on=UNIT_PRODUCT, how="left")
    sums["planned_factor"] = sums["planned_factor"].fillna(1.0)
    sums["planned_baseline"] = sums["baseline"] * sums["planned_factor"]
    after_plan = len(set(windows.after_plan) & set(windows.planning_year)) / len(windows.planning_year)
    sums["level_factor"] = remaining_factor(sums["planned_factor"].to_numpy(), after_plan)
    shifted = confirmed_shifts(drift)
    for (territory_id, product_id), row in shifted.iterrows():
        mine = (sums["territory_id"] == territory_id) & (sums["product_id"] == product_id)
        steady = (sums["product_id"] == product_id) & ~sums["territory_id"].isin(
            shifted.index[shifted.index.get_level_values(1) == product_id].get_level_values(0)
        )
        if mine.any():
            factors = _shifted_factors(sums[mine], sums[steady], row, after_plan)
            sums.loc[mine, "level_factor"] = factors
    by_product = sums.loc[sums["level_factor"] != 1.0, [*UNIT_PRODUCT, "level_factor"]]
    by_product = by_product.sort_values(UNIT_PRODUCT, ignore_index=True)
    return LevelShift(_on_dollars(territory_of.index, by_product, potential), by_product)


def confirmed_shifts(drift: pd.DataFrame) -> pd.DataFrame:
    """Product rows of `drift` that count as shifted, by (territory_id, measure), sorted.

    Those flagged themselves; where only the dollars of all products are flagged, every product with its own
    ratio.
    """
    flagged = drift[drift["is_drift"].astype(bool)]
    by_product = set(flagged.loc[flagged["measure"] != "all", "territory_id"])
    only_all = set(flagged.loc[flagged["measure"] == "all", "territory_id"]) - by_product
    rows = drift[(drift["measure"] != "all") & (drift["expected"] > 0)]
    rows = rows[rows["is_drift"].astype(bool) | rows["territory_id"].isin(only_all)]
    return rows.set_index(["territory_id", "measure"]).sort_index()


def with_planned_levels(
    unit_counts: pd.DataFrame, planned: pd.DataFrame | None, windows: Windows
) -> pd.DataFrame:
    """Monthly counts with the baseline lifted to what the plan expects, for `measure_drift` after a rebuild.

    Without it, the shift that caused the rebuild would be found again until the baseline has passed it.
    """
    if planned is None or planned.empty:
        return unit_counts
    lifted = unit_counts.merge(_planned_factors(planned), on=UNIT_PRODUCT, how="left")
    is_baseline = np.isin(month_labels(lifted["service_month"]), as_months(windows.baseline))
    factor = np.where(is_baseline, lifted["planned_factor"].fillna(1.0), 1.0)
    for column in ("procedures", "total_usd"):
        if column in lifted:
            lifted[column] = lifted[column].astype(float) * factor
    return lifted.drop(columns="planned_factor")


def shrunk_ratios(observed: Floats, expected: Floats, dispersion: float = 1.0) -> Floats:
    """Each unit's observed ÷ expected, shrunk towards the ratio of the sums; Σ expected × ratio = Σ observed.

    The prior is a gamma whose mean is the common ratio and whose variance is what the units differ by beyond
    chance (none: every unit gets the common ratio).
    """
    common = float(observed.sum() / expected.sum())
    seen = expected > 0
    own = np.where(seen, observed / np.where(seen, expected, 1.0), common)
    between = float((expected * (own - common) ** 2).sum() / expected.sum())
    between -= dispersion * common * float(np.count_nonzero(seen) / expected.sum())
    if between <= 0 or common <= 0:
        return np.full(len(observed), common)
    prior_weight = dispersion * common / between
    ratio = common + (observed - common * expected) / (prior_weight + expected)
    return np.asarray(np.maximum(ratio, 0.0) * (observed.sum() / (expected * np.maximum(ratio, 0.0)).sum()))


def remaining_factor(ratio: Floats, absorbed_share: float) -> Floats:
    """What is left of a level change `ratio` when `absorbed_share` of the planning year lies after it. 1
    stays 1.
    """
    return ratio / (1.0 + absorbed_share * (ratio - 1.0))


def _shifted_factors(mine: pd.DataFrame, steady: pd.DataFrame, row: pd.Series, after_plan: float) -> Floats:
    baseline = mine["planned_baseline"].to_numpy(float)
    if baseline.sum() <= 0:
        return mine["level_factor"].to_numpy(float)
    expected = baseline * float(row["expected"]) / baseline.sum()
    dispersion = max(1.0, float(row.get("dispersion", 1.0)))
    ratio = shrunk_ratios(mine["test"].to_numpy(float), expected, dispersion)
    growth = float(row["expected"]) / baseline.sum()
    absorbed = _absorbed_share(mine, steady, growth, after_plan)
    return remaining_factor(ratio * mine["planned_factor"].to_numpy(float), absorbed)


def _absorbed_share(mine: pd.DataFrame, steady: pd.DataFrame, growth: float, after_plan: float) -> float:
    """Which part of the territory's shift its planning year already holds, from the counts themselves.

    The rise of the territory's planning year against its baseline, relative to steady territories, over the
    rise of its test months. Where the latter is too small to divide by: the share of the planning year after
    the plan.
    """
    raw_rise = (
        mine["test"].sum() / (growth * mine["baseline"].sum()) - 1.0 if mine["baseline"].sum() > 0 else 0.0
    )
    if abs(raw_rise) < 0.05 or steady["baseline"].sum() <= 0 or steady["year"].sum() <= 0:
        return after_plan
    nation = steady["year"].sum() / steady["baseline"].sum()
    year_rise = mine["year"].sum() / (nation * mine["baseline"].sum()) - 1.0
    return float(np.clip(year_rise / raw_rise, 0.0, 1.0))


def _window_sums(unit_counts: pd.DataFrame, windows: Windows) -> pd.DataFrame:
    """Events per unit and product: `baseline`, `test` and `year` (the planning year now)."""
    month = month_labels(unit_counts["service_month"])
    events = unit_counts["procedures"].to_numpy(dtype=float, na_value=0.0)
    frame = unit_counts[UNIT_PRODUCT].astype(object)
    spans = {"baseline": windows.baseline, "test": windows.test, "year": windows.planning_year}
    for name, months in spans.items():
        frame[name] = np.where(np.isin(month, as_months(months)), events, 0.0)
    frame = frame.sort_values([*UNIT_PRODUCT, *spans])
    return frame.groupby(UNIT_PRODUCT, as_index=False)[list(spans)].sum()


def _planned_factors(planned: pd.DataFrame | None) -> pd.DataFrame:
    """unit_id, product_id, planned_factor; keys as objects, so that an empty frame merges like any other."""
    if planned is None:
        planned = pd.DataFrame(columns=[*UNIT_PRODUCT, "level_factor"])
    factors = planned[[*UNIT_PRODUCT, "level_factor"]].rename(columns={"level_factor": "planned_factor"})
    return factors.astype({"unit_id": object, "product_id": object, "planned_factor": float})


def _on_dollars(units: pd.Index, by_product: pd.DataFrame, potential: pd.DataFrame) -> pd.DataFrame:
    """One factor per unit, weighted by addressable dollars; as 1 + deviation, so that 1.0 stays exact."""
    weights = potential.groupby(UNIT_PRODUCT, as_index=False)["addressable_usd"].sum()
    totals = weights.groupby("unit_id")["addressable_usd"].sum()
    joined = by_product.merge(weights, on=UNIT_PRODUCT, how="inner")
    extra = (joined["addressable_usd"] * (joined["level_factor"] - 1.0)).groupby(joined["unit_id"]).sum()
    names = pd.Index(sorted(units), name="unit_id")
    total = totals.reindex(names).fillna(0.0).to_numpy(float)
    deviation = extra.reindex(names).fillna(0.0).to_numpy(float)
    factor = np.where(total > 0, 1.0 + deviation / np.where(total > 0, total, 1.0), 1.0)
    return pd.DataFrame({"unit_id": np.asarray(names, dtype=object), "level_factor": factor})
