"""Tests on overdispersed counts that know how much noise their own size brings.

Belongs here: the statistics of "did this row's share change?" as arrays in and out: dispersion, a reference
that a few changed rows cannot bend, an exact conditional test, its interval and the false-discovery
correction. Does not belong here: territories, products or verdicts (`drift`, `supply`).

Sources: Przyborowski & Wilenski 1940 (conditional test of two Poisson means), McCullagh & Nelder 1989, ch. 9
(quasi-likelihood dispersion), Lancaster 1961 (mid-p), Clopper & Pearson 1934 (interval), Beaton & Tukey 1974
(biweight), Benjamini & Hochberg 1995.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv
from scipy.stats import chi2

Floats: TypeAlias = NDArray[np.float64]

BIWEIGHT_CUT = 4.685
"""95 % efficiency on normal noise; a row further out than this many standard deviations has no say at all."""


def pearson_per_row(counts: Floats) -> Floats:
    """Dispersion of each row around "constant share of the column total": Pearson X² over its degrees of
    freedom.

    `counts` is rows × periods. 1 is Poisson noise; a row that is empty or the only one has nothing to vary:
    nan.
    """
    total = counts.sum()
    if total <= 0 or counts.shape[1] < 2:
        return np.full(len(counts), np.nan)
    share = counts.sum(axis=1) / total
    expected = share[:, None] * counts.sum(axis=0)[None, :]
    seen = expected > 0
    squares = np.where(seen, (counts - expected) ** 2 / np.where(seen, expected, 1.0), 0.0).sum(axis=1)
    freedom = (np.count_nonzero(counts.sum(axis=0)) - 1) * (1.0 - share)
    return np.where((share > 0) & (freedom > 1e-9), squares / np.where(freedom > 1e-9, freedom, 1.0), np.nan)


def common_dispersion(counts: Floats, block: int = 1) -> float:
    """Dispersion common to all rows, at least 1, from sums over `block` neighbouring periods.

    The median over rows, corrected by the median of a χ², so that a row that truly changed inside the
    baseline does not make every other row look noisy. Blocks as long as the test window catch slow wandering
    and regional seasons that single periods hide; fewer than three blocks say nothing, so `block` is cut to
    leave three.
    """
    block = max(1, min(block, counts.shape[1] // 3))
    blocks = counts.shape[1] // block
    summed = counts[:, counts.shape[1] - blocks * block :].reshape(len(counts), blocks, block).sum(axis=2)
    rows = pearson_per_row(summed)
    rows = rows[np.isfinite(rows)]
    if blocks < 2 or not len(rows):
        return 1.0
    return max(1.0, float(np.median(rows) * (blocks - 1) / chi2.ppf(0.5, blocks - 1)))


def row_dispersion(counts: Floats, test_periods: int) -> Floats:
    """Dispersion per row: the common one, raised half-way to the row's own where that is larger.

    Raised only: a row that was volatile before must not be flagged for being volatile, but a row that was
    calm by luck gets no sharper test than the others.
    """
    common = max(common_dispersion(counts), common_dispersion(counts, test_periods))
    own = np.nan_to_num(neighbour_dispersion(counts), nan=common)
    return np.maximum(common, (common + own) / 2.0)


def neighbour_dispersion(counts: Floats) -> Floats:
    """Dispersion of each row from the differences between neighbouring periods, the largest one left out.

    So one lasting change of level inside the baseline (the reason of the last rebuild) does not pass for
    noise. nan where fewer than four periods, or no counts, say anything.
    """
    counts = counts[:, counts.sum(axis=0) > 0]
    total = counts.sum()
    if total <= 0 or counts.shape[1] < 4:
        return np.full(len(counts), np.nan)
    share = counts.sum(axis=1) / total
    expected = share[:, None] * counts.sum(axis=0)[None, :]
    free = (share > 0) & (share < 1)
    residual = (counts - expected) / np.sqrt(np.where(expected > 0, expected, 1.0))
    squares = np.sort(np.diff(residual, axis=1) ** 2 / 2.0, axis=1)[:, :-1]
    usual = _mean_without_largest(squares.shape[1] + 1)
    own = squares.mean(axis=1) / usual / np.where(free, 1.0 - share, 1.0)
    return np.where(free, own, np.nan)


@cache
def _mean_without_largest(count: int) -> float:
    """Expected mean of `count` χ²(1) values after the largest is left out."""
    grid = np.linspace(0.0, 60.0, 60_001)
    largest = float(np.sum(1.0 - chi2.cdf(grid, 1) ** count) * (grid[1] - grid[0]))
    return (count - largest) / (count - 1)


def reference_growth(observed: Floats, baseline: Floats, scale: Floats) -> float:
    """The growth test ÷ baseline of the rows that did not change: a biweight mean from the weighted median.

    Counts are divided by `scale` (dispersion, or dollars per independent event) to know their noise. With
    fewer than three rows nobody can tell who changed: the pooled growth. nan where there is no baseline.
    """
    seen = baseline > 0
    observed, baseline, scale = observed[seen], baseline[seen], scale[seen]
    if not len(baseline):
        return float("nan")
    pooled = float(observed.sum() / baseline.sum())
    if len(baseline) < 3 or pooled == 0:
        return pooled
    ratio = observed / baseline
    order = np.argsort(ratio, kind="stable")
    half = np.searchsorted(np.cumsum(baseline[order]), baseline.sum() / 2.0)
    growth = float(ratio[order][half])
    for _ in range(100):
        spread = np.sqrt(scale * np.maximum(growth, 1e-12) * baseline * (1.0 + growth))
        distance = (observed - growth * baseline) / spread / BIWEIGHT_CUT
        weight = np.where(np.abs(distance) < 1, (1 - distance**2) ** 2, 0.0)
        if (weight * baseline).sum() <= 0:
            return growth
        step = float((weight * observed).sum() / (weight * baseline).sum())
        if abs(step - growth) <= 1e-12 * max(step, 1e-12):
            return step
        growth = step
    return growth


def conditional_p_value(observed: Floats, baseline: Floats, growth: Floats, scale: Floats) -> Floats:
    """Two-sided mid-p of `observed` given `observed + baseline`, when only `growth` separates the two.

    Without a change, `observed / scale` given the sum is binomial with probability growth ÷ (1 + growth).
    Counts divided by the scale are not whole; the incomplete beta function continues the binomial tails to
    them. nan where there is nothing to compare.
    """
    hits = np.asarray(observed, float) / scale
    misses = np.asarray(baseline, float) / scale
    chance = growth / (1.0 + growth)
    upper = (_tail(hits, misses + 1.0, chance) + _tail(hits + 1.0, misses, chance)) / 2.0
    lower = (_tail(misses, hits + 1.0, 1.0 - chance) + _tail(misses + 1.0, hits, 1.0 - chance)) / 2.0
    p_value = np.minimum(1.0, 2.0 * np.minimum(upper, lower))
    return np.where((hits + misses > 0) & np.isfinite(chance), p_value, np.nan)


def _tail(first: Floats, second: Floats, chance: Floats) -> Floats:
    """Regularised incomplete beta with its limits: 1 where the first count is 0, 0 where the second is."""
    safe = betainc(np.where(first > 0, first, 1.0), np.where(second > 0, second, 1.0), chance)
    return np.where(first <= 0, 1.0, np.where(second <= 0, 0.0, safe))


def change_interval(
    observed: Floats, baseline: Floats, growth: Floats, scale: Floats, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Exact (Clopper–Pearson) interval of the change: observed ÷ (growth × baseline) − 1, as shares.

    Never below −1; the upper end is nan without a baseline.
    """
    hits = np.asarray(observed, float) / scale
    misses = np.asarray(baseline, float) / scale
    tail = (1.0 - confidence) / 2.0
    low = np.where(hits > 0, betaincinv(np.where(hits > 0, hits, 1.0), misses + 1.0, tail), 0.0)
    high = betaincinv(hits + 1.0, np.where(misses > 0, misses, 1.0), 1.0 - tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        low_change = low / (1.0 - low) / growth - 1.0
        high_change = np.where(misses > 0, high / (1.0 - high) / growth - 1.0, np.nan)
    return low_change, high_change


def benjamini_hochberg(p_values: Floats) -> Floats:
    """q-values: the smallest false-discovery rate at which each p-value would be called. nan stays nan."""
    q_values = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    if not len(tested):
        return q_values
    order = tested[np.argsort(p_values[tested], kind="stable")]
    raised = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    q_values[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return q_values
