"""Cohorts side by side: the trend of two groups on the same months and panel, and the difference with its interval.

Belongs here: who is in a cohort, and the comparison. How groups are written down is `pipelines.config.cohorts`. A group
is large and there are two, so nothing is shrunk; each group's interval is widened so that both hold together at
`interval_level` (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pipelines.config.model import Cohort, CohortComparison
from pipelines.trends.classify import trend_classes
from pipelines.trends.growth import TrendRule, dispersion_around_nation, log_growth
from pipelines.trends.levels import NOBODY, at_level
from pipelines.trends.trend import NATION, Comparison, adjusted_volumes, compare_on

COHORT_COLUMNS = [
    *("comparison_id", "product_id", "cohort_name", "other_cohort_name", "recent_from", "recent_to"),
    *("providers", "recent_procedures", "base_procedures", "growth_share", "growth_low", "growth_high"),
    *("trend_class", "difference_share", "difference_low", "difference_high", "is_different"),
]
COHORT_KEY = COHORT_COLUMNS[:3]


def cohort_members(
    counted: pd.DataFrame, cohort: Cohort, taxonomy_of: Mapping[str, str], state_of: Mapping[str, str]
) -> pd.Series:
    """Which rows of `counted` (npi, unit_id, health_system_id, …) belong to a cohort that is given by criteria."""
    held = counted["npi"] != NOBODY
    if cohort.npis is not None:
        held &= counted["npi"].isin(cohort.npis)
    if cohort.taxonomies:
        taxonomy = counted["npi"].map(taxonomy_of).fillna("").astype(str)
        held &= taxonomy.str.startswith(cohort.taxonomies)
    if cohort.health_systems:
        held &= counted["health_system_id"].isin(cohort.health_systems)
    if cohort.states:
        held &= counted["unit_id"].map(state_of).isin(cohort.states)
    return held


def compare_cohorts(
    counted: pd.DataFrame,
    comparisons: Sequence[CohortComparison],
    taxonomy_of: Mapping[str, str],
    state_of: Mapping[str, str],
    rule: TrendRule,
) -> pd.DataFrame:
    """COHORT_COLUMNS, two rows a comparison and product, sorted by COHORT_KEY.

    `counted` is as for `levels.at_levels`, with health_system_id. `difference_share` is (1 + growth of the cohort) ÷ (1 +
    growth of the other) − 1. A comparison of which one side has no volume at all has rows without figures.
    """
    frames = []
    for product_id, rows in counted.groupby("product_id", sort=True):
        wanted = [one for one in comparisons if not one.product_ids or product_id in one.product_ids]
        if not wanted:
            continue
        basis = compare_on(at_level(rows, NATION, pd.Series(NATION, index=rows.index)), rule)
        if basis is None:
            continue
        providers = at_level(rows, "provider", rows["npi"])
        dispersion = dispersion_around_nation(adjusted_volumes(providers, basis))
        frames += [
            _side_by_side(rows, one, taxonomy_of, state_of, basis, dispersion, rule).assign(
                product_id=product_id
            )
            for one in wanted
        ]
    if not frames:
        return pd.DataFrame(columns=COHORT_COLUMNS)
    return pd.concat(frames, ignore_index=True)[COHORT_COLUMNS].sort_values(COHORT_KEY, ignore_index=True)


def _side_by_side(
    rows: pd.DataFrame,
    comparison: CohortComparison,
    taxonomy_of: Mapping[str, str],
    state_of: Mapping[str, str],
    basis: Comparison,
    dispersion: float,
    rule: TrendRule,
) -> pd.DataFrame:
    first = cohort_members(rows, comparison.first, taxonomy_of, state_of)
    if comparison.second.is_everybody_else:
        second = (rows["npi"] != NOBODY) & ~first
    else:
        second = cohort_members(rows, comparison.second, taxonomy_of, state_of)
    names = [comparison.first.name, comparison.second.name]
    estimates, variances = np.full(2, np.nan), np.full(2, np.nan)
    events = np.zeros((2, 2))
    for place, members in enumerate((first, second)):
        group = rows[members]
        if group.empty:
            continue
        level = at_level(group, "cohort", pd.Series(names[place], index=group.index))
        adjusted = adjusted_volumes(level, basis)
        own = log_growth(adjusted, dispersion)
        estimates[place], variances[place] = own.estimates[0], own.variances[0]
        events[place] = (
            adjusted.counted[0, : adjusted.base_months].sum(),
            adjusted.counted[0, adjusted.base_months :].sum(),
        )
    tail = (1.0 - rule.interval_level) / 2.0
    half_width = -ndtri(tail / 2.0) * np.sqrt(variances + basis.shared_variance)
    low, high = np.expm1(estimates - half_width), np.expm1(estimates + half_width)
    difference = estimates - estimates[::-1]
    # What both share, season and calendar, cancels.
    gap_width = -ndtri(tail) * np.sqrt(variances.sum())
    gap_low, gap_high = np.expm1(difference - gap_width), np.expm1(difference + gap_width)
    return pd.DataFrame(
        {
            "comparison_id": comparison.comparison_id,
            "cohort_name": names,
            "other_cohort_name": names[::-1],
            "recent_from": basis.recent[0],
            "recent_to": basis.recent[-1],
            "providers": [int(rows.loc[members, "npi"].nunique()) for members in (first, second)],
            "recent_procedures": events[:, 1],
            "base_procedures": events[:, 0],
            "growth_share": np.expm1(estimates),
            "growth_low": low,
            "growth_high": high,
            "trend_class": trend_classes(
                low,
                high,
                np.expm1(half_width),
                flat_share=rule.flat_share,
                max_interval_share=rule.max_interval_share,
            ),
            "difference_share": np.expm1(difference),
            "difference_low": gap_low,
            "difference_high": gap_high,
            "is_different": (gap_low > 0.0) | (gap_high < 0.0),
        }
    )
