"""Territory drift: which territories changed their share of the nation since the active plan was made.

Belongs here: from monthly counts per territory and product to one verdict per territory and measure. The
arithmetic is in `count_tests`; docs/methods/drift.md explains the method and how to tune it.

Everything is a *share* of the nation's volume of the same product in the same months, so what all territories
have in common cancels: season, working days, a uniform reporting lag, national growth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pipelines.config.model import Setting
from pipelines.monitoring.windows import Windows, as_months, month_labels
from quality.count_tests import (
    Floats,
    benjamini_hochberg,
    change_interval,
    conditional_p_value,
    reference_growth,
    row_dispersion,
)
from quality.table_registry import TABLES
from quality.thresholds import configured

ALL = "all"
TABLE_COLUMNS = list(TABLES["monitoring/territory_drift"].column_names)
DETAIL_COLUMNS = (*TABLE_COLUMNS, "change_low_share", "change_high_share", "opportunity_share", "dispersion")


@dataclass(frozen=True)
class DriftRule:
    """What counts as drift: the business's settings, and `quality.thresholds` for the last two.

    `min_opportunity_share` is of the dollars of all territories and products: smaller rows are not tested at
    all.
    """

    min_effect_share: float
    min_opportunity_share: float
    false_discovery_rate: float
    max_interval_share: float
    min_baseline_months: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, Setting]) -> DriftRule:
        return cls(
            min_effect_share=configured("drift_min_effect_share", settings),
            min_opportunity_share=configured("drift_min_opportunity_share", settings),
            false_discovery_rate=configured("drift_false_discovery_rate", settings),
            max_interval_share=configured("drift_max_interval_share", settings),
            min_baseline_months=int(configured("drift_min_baseline_months", settings)),
        )


@dataclass(frozen=True)
class DriftReport:
    """`details` has the columns of `monitoring/territory_drift` plus interval, opportunity share and
    dispersion.
    """

    details: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """Exactly the columns of `monitoring/territory_drift`."""
        return self.details[TABLE_COLUMNS]


def measure_drift(
    counts: pd.DataFrame,
    windows: Windows,
    rule: DriftRule,
    *,
    territories: Sequence[str],
    products: Sequence[str],
    is_blocked: bool = False,
    has_monthly_lines: bool = True,
) -> DriftReport:
    """One row per territory × (product or 'all').

    `counts`: territory_id, product_id, service_month, procedures (events), total_usd (events × the product's
    price: paid amounts would bring noise of their own); usable months only. Rows of territories or products
    not named are left out (the unlocated bucket). Absent rows are zeros. `is_blocked`: a blocking supply
    incident is open. `has_monthly_lines`: false where only annual volumes exist. `observed` and `expected` are
    events of a product in the test months, dollars for 'all'; dispersion of 'all' is in dollars per
    independent event.
    """
    names, measures = sorted(set(territories)), sorted(set(products))
    verdict = _verdict_without_test(windows, rule, names, is_blocked, has_monthly_lines)
    if verdict or not measures:
        return DriftReport(_untested(names, [*measures, ALL], windows, verdict or "not_testable"))
    months = [*windows.baseline, *windows.test]
    events = _cube(counts, "procedures", names, measures, months)
    dollars = _cube(counts, "total_usd", names, measures, months)
    split = len(windows.baseline)
    opportunity = dollars[:, :, :split].sum(axis=2)
    nation_usd = np.full(len(names), opportunity.sum())
    per_product, dispersion = [], np.ones((len(measures), len(names)))
    for index, product in enumerate(measures):
        baseline = events[index, :, :split]
        dispersion[index] = row_dispersion(baseline, len(windows.test))
        observed, base = events[index, :, split:].sum(axis=1), baseline.sum(axis=1)
        growth = reference_growth(observed, base, dispersion[index])
        frame = _compared(
            names,
            product,
            observed=observed,
            base=base,
            growth=np.full(len(names), growth),
            scale=dispersion[index],
        )
        frame["opportunity_share"] = _divide(opportunity[index], nation_usd)
        per_product.append(frame)
    per_product.append(_all_measure(names, events, dollars, dispersion, split))
    return DriftReport(_finished(_judged(pd.concat(per_product, ignore_index=True), rule), windows))


def drift_contributions(
    counts: pd.DataFrame, windows: Windows, *, territories: Sequence[str], products: Sequence[str]
) -> pd.DataFrame:
    """What each territory and product adds to the nation's change of monthly dollars, test against baseline.

    Columns territory_id, product_id, baseline_usd, test_usd (per month), contribution_usd; the contributions
    sum to the nation's change of the named territories and products.
    """
    names, measures = sorted(set(territories)), sorted(set(products))
    split = len(windows.baseline)
    cube = _cube(counts, "total_usd", names, measures, [*windows.baseline, *windows.test])
    before = cube[:, :, :split].sum(axis=2) / max(split, 1)
    after = cube[:, :, split:].sum(axis=2) / max(len(windows.test), 1)
    frame = pd.DataFrame(
        {
            "territory_id": np.tile(names, len(measures)),
            "product_id": np.repeat(measures, len(names)),
            "baseline_usd": before.ravel(),
            "test_usd": after.ravel(),
            "contribution_usd": (after - before).ravel(),
        }
    )
    return frame.sort_values(["territory_id", "product_id"], ignore_index=True)


def _verdict_without_test(
    windows: Windows, rule: DriftRule, names: list[str], is_blocked: bool, has_monthly_lines: bool
) -> str:
    if not has_monthly_lines or len(names) < 2:
        return "not_testable"
    if is_blocked:
        return "blocked"
    if not windows.test or len(windows.baseline) < rule.min_baseline_months:
        return "too_early"
    return ""


def _cube(
    counts: pd.DataFrame, value: str, names: list[str], measures: list[str], months: Sequence[date]
) -> Floats:
    """Products × territories × months. Sums in canonical order, so that the order of the rows cannot show."""
    month = as_months(months)
    place = pd.DataFrame(
        {
            "product": pd.Index(measures).get_indexer(counts["product_id"].astype(object)),
            "territory": pd.Index(names).get_indexer(counts["territory_id"].astype(object)),
            "month": pd.Index(month).get_indexer(pd.Index(month_labels(counts["service_month"]))),
            "value": counts[value].to_numpy(dtype=float, na_value=0.0),
        }
    )
    place = place[(place[["product", "territory", "month"]] >= 0).all(axis=1)]
    place = place.sort_values(["product", "territory", "month", "value"])
    cube = np.zeros((len(measures), len(names), len(month)))
    np.add.at(cube, (place["product"], place["territory"], place["month"]), place["value"])
    return cube


def _compared(
    names: list[str], measure: str, *, observed: Floats, base: Floats, growth: Floats, scale: Floats
) -> pd.DataFrame:
    """Observed against growth × baseline. The reference is an estimate: noise grows by 1 ÷ (1 − share)."""
    share = _divide(base, np.full_like(base, base.sum()))
    noise = scale / np.maximum(1.0 - share, 1e-9)
    expected = growth * base
    low, high = change_interval(observed, base, growth, noise)
    return pd.DataFrame(
        {
            "territory_id": names,
            "measure": measure,
            "observed": observed,
            "expected": expected,
            "change_share": np.where(expected > 0, _divide(observed, expected) - 1.0, np.nan),
            "p_value": np.where(base > 0, conditional_p_value(observed, base, growth, noise), np.nan),
            "change_low_share": np.where(expected > 0, low, np.nan),
            "change_high_share": np.where(expected > 0, high, np.nan),
            "dispersion": scale,
        }
    )


def _all_measure(
    names: list[str], events: Floats, dollars: Floats, dispersion: Floats, split: int
) -> pd.DataFrame:
    """Dollars of all products. Each product has its own reference, so a national shift between products
    cancels.

    The scale is dollars per independent event: the price-weighted mean of price × dispersion (the variance of
    a weighted sum of counts over its mean).
    """
    base, observed = dollars[:, :, :split].sum(axis=2), dollars[:, :, split:].sum(axis=2)
    price = _divide(base, events[:, :, :split].sum(axis=2))
    price_of_product = _divide(base.sum(axis=1), events[:, :, :split].sum(axis=(1, 2)))
    scale = np.where(price > 0, price, price_of_product[:, None]) * dispersion
    known = base.sum(axis=1) > 0
    expected = np.zeros(len(names))
    for index in np.flatnonzero(known):
        growth = reference_growth(observed[index], base[index], scale[index])
        expected += growth * base[index]
    total = base.sum(axis=0)
    weighted = np.where(total > 0, _divide((scale * base).sum(axis=0), total), 1.0)
    growth_of_row = np.where(total > 0, _divide(expected, total), np.nan)
    frame = _compared(
        names, ALL, observed=observed[known].sum(axis=0), base=total, growth=growth_of_row, scale=weighted
    )
    frame["opportunity_share"] = _divide(total, np.full(len(names), base.sum()))
    return frame


def _judged(frame: pd.DataFrame, rule: DriftRule) -> pd.DataFrame:
    """Adds q-values, the drift mark and the verdict. All that is tested at a refresh is one family, dollars
    included; rows too small to matter are not in it.
    """
    is_small = (frame["opportunity_share"] < rule.min_opportunity_share).to_numpy()
    frame["p_value"] = frame["p_value"].mask(is_small)
    frame["q_value"] = benjamini_hochberg(frame["p_value"].to_numpy())
    frame["is_drift"] = (frame["q_value"] <= rule.false_discovery_rate) & (
        frame["change_share"].abs() >= rule.min_effect_share
    )
    half_width = (frame["change_high_share"] - frame["change_low_share"]) / 2.0
    is_vague = ~(half_width <= rule.max_interval_share)
    frame["verdict"] = np.select(
        [is_small, frame["is_drift"], is_vague], ["not_testable", "drift", "too_early"], default="stable"
    )
    return frame


def _untested(names: list[str], measures: list[str], windows: Windows, verdict: str) -> pd.DataFrame:
    rows = pd.MultiIndex.from_product([names, measures], names=["territory_id", "measure"]).to_frame(
        index=False
    )
    for column in DETAIL_COLUMNS[2:]:
        rows[column] = np.nan
    return _finished(rows.assign(is_drift=False, verdict=verdict), windows)


def _finished(rows: pd.DataFrame, windows: Windows) -> pd.DataFrame:
    rows = rows.assign(
        baseline_from=windows.baseline[0] if windows.baseline else None,
        baseline_to=windows.baseline[-1] if windows.baseline else None,
        test_from=windows.test[0] if windows.test else None,
        test_to=windows.test[-1] if windows.test else None,
    )
    return rows.sort_values(["territory_id", "measure"], ignore_index=True)[list(DETAIL_COLUMNS)]


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """0 where there is nothing to divide by."""
    safe = np.where(denominator > 0, denominator, 1.0)
    return np.where(denominator > 0, numerator / safe, 0.0)
