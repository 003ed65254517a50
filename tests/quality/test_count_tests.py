"""The statistics: exact where an exact answer is known, robust and monotone where it must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from quality.count_tests import (
    benjamini_hochberg,
    change_interval,
    common_dispersion,
    conditional_p_value,
    neighbour_dispersion,
    reference_growth,
    row_dispersion,
)


def arrays(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


@pytest.mark.parametrize(("hits", "misses"), [(0, 5), (5, 0), (3, 9), (40, 21), (700, 640)])
def test_p_value_is_the_exact_binomial_mid_p(hits: int, misses: int) -> None:
    """On whole counts the p-value equals the binomial mid-p summed term by term."""
    growth = 0.8
    n, chance = hits + misses, growth / (1 + growth)
    upper = binom.sf(hits, n, chance) + binom.pmf(hits, n, chance) / 2
    lower = binom.cdf(hits - 1, n, chance) + binom.pmf(hits, n, chance) / 2
    found = conditional_p_value(arrays(hits), arrays(misses), arrays(growth), arrays(1))
    assert found[0] == pytest.approx(min(1.0, 2 * min(upper, lower)), rel=1e-9)


def test_overdispersion_widens_and_weakens() -> None:
    """Twice the dispersion gives a larger p-value and a wider interval for the same counts."""
    observed, baseline, growth = arrays(130), arrays(1200), arrays(0.08)
    calm = conditional_p_value(observed, baseline, growth, arrays(1))
    noisy = conditional_p_value(observed, baseline, growth, arrays(2))
    assert noisy[0] > 2 * calm[0]
    narrow = np.subtract(*change_interval(observed, baseline, growth, arrays(1))[::-1])
    wide = np.subtract(*change_interval(observed, baseline, growth, arrays(2))[::-1])
    assert wide[0] > 1.3 * narrow[0]


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 2,000 simulated comparisons with a true change of +20 %, about 95 % of the intervals hold it."""
    random = np.random.default_rng(5)
    baseline = random.poisson(900, 2000).astype(float)
    observed = random.poisson(900 * 0.25 * 1.2, 2000).astype(float)
    scale, growth = np.ones(2000), np.full(2000, 0.25)
    low, high = change_interval(observed, baseline, growth, scale)
    covered = ((low <= 0.2) & (high >= 0.2)).mean()
    assert 0.94 <= covered <= 0.985


def test_reference_ignores_those_who_changed() -> None:
    """With 4 of 30 rows at +70 % the reference growth is that of the other 26, not the pooled one."""
    baseline = np.full(30, 3600.0)
    observed = np.full(30, 900.0)
    observed[:4] *= 1.7
    assert reference_growth(observed, baseline, np.ones(30)) == pytest.approx(0.25, rel=1e-9)


def test_reference_of_two_rows_is_pooled() -> None:
    """With two rows nobody can say which one changed, so neither is taken as the truth."""
    assert reference_growth(arrays(100, 300), arrays(200, 200), np.ones(2)) == pytest.approx(1.0)


def test_dispersion_is_found_and_never_below_one() -> None:
    """Counts of variance 3 × mean are recognised within 25 %; perfectly even counts count as Poisson."""
    random = np.random.default_rng(11)
    counts = random.negative_binomial(300 / 2.0, 1 / 3.0, (40, 12)).astype(float)
    assert 2.25 < common_dispersion(counts) < 3.75
    assert common_dispersion(np.full((5, 12), 50.0)) == 1.0


def test_a_change_of_level_in_the_baseline_is_not_noise() -> None:
    """A row that doubled for good within the baseline blinds neither the others nor itself."""
    random = np.random.default_rng(3)
    counts = random.poisson(300, (30, 12)).astype(float)
    before = row_dispersion(counts, 1)
    counts[0, 8:] *= 2
    after = row_dispersion(counts, 1)
    assert after[0] < 3
    assert np.median(after[1:]) < 1.2 * np.median(before[1:])


def test_a_volatile_row_is_tested_less_sharply() -> None:
    """A row that jumps up and down every month has a larger dispersion than its calm neighbours."""
    random = np.random.default_rng(3)
    counts = random.poisson(300, (30, 12)).astype(float)
    counts[0] *= np.where(np.arange(12) % 2 == 0, 1.4, 0.6)
    found = row_dispersion(counts, 1)
    assert found[0] > 5 * np.median(found[1:])


def test_neighbouring_differences_estimate_the_dispersion() -> None:
    """On average over rows the estimate from differences is the true dispersion, within 10 %."""
    random = np.random.default_rng(6)
    for dispersion in (1.0, 2.5):
        chance = min(1.0 / dispersion, 1 - 1e-9)
        counts = random.negative_binomial(300 * chance / (1 - chance), chance, (800, 12)).astype(float)
        assert np.mean(neighbour_dispersion(counts)) == pytest.approx(dispersion, rel=0.1)


def test_a_slow_regional_season_raises_the_dispersion_of_long_windows() -> None:
    """A season that only some rows have shows in blocks as long as the test window."""
    random = np.random.default_rng(4)
    wave = 1 + 0.15 * np.sin(np.arange(12) * 2 * np.pi / 12)
    mean = np.vstack([np.outer(np.full(10, 300.0), wave), np.outer(np.full(10, 300.0), 2 - wave)])
    counts = random.poisson(mean).astype(float)
    assert common_dispersion(counts, 3) > 2 * common_dispersion(counts, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_follow_the_order_of_p_values(p_values: list[float]) -> None:
    """q is never below p, never above 1, and keeps the order; the step-up rule calls what Benjamini–Hochberg
    calls.
    """
    p = np.array(p_values)
    q = benjamini_hochberg(p)
    assert (q >= p - 1e-12).all()
    assert (q <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(q[order]) >= -1e-12).all()
    ranks = np.arange(1, len(p) + 1)
    passing = np.flatnonzero(p[order] * len(p) / ranks <= 0.05)
    called = passing.max() + 1 if len(passing) else 0
    assert (q <= 0.05).sum() == max(called, 0) or np.isclose(q, 0.05).any()


def test_q_values_skip_what_was_not_tested() -> None:
    """A nan is not a test: it does not make the others pay."""
    alone = benjamini_hochberg(arrays(0.01, 0.04))
    beside = benjamini_hochberg(arrays(np.nan, 0.01, np.nan, 0.04))
    assert np.isnan(beside[[0, 2]]).all()
    assert beside[[1, 3]].tolist() == alone.tolist()
