"""Did the composition of a person's work change: its sites, health systems, products or kinds of site?

At each month that leaves enough months on both sides: the multinomial likelihood ratio of "before and after have
shares of their own" against "one set of shares", G = 2 Σ n log(share / common share). G ÷ φ is χ² with K - 1 degrees of
freedom where nothing changed; the best month's p is multiplied by the months tried (Bonferroni). φ is the common
overdispersion of compositions from month to month (blocks of operating days), as a median over providers. A change
must be large as well as sure: `shift` is the total variation between the shares before and after, the part of the work
that is elsewhere now.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2

from pipelines.providers.panel import Composition, Floats, Whole

LEAST_ON_EACH_SIDE = 5.0  # procedures; with fewer, shares mean nothing


@dataclass(frozen=True)
class MixChange:
    """Per provider [P]: first month after the best change, shares [P, K] on both sides, `shift` 0 to 1, p (1: none)."""

    month: Whole
    earliest: Whole
    latest: Whole
    share_before: Floats
    share_after: Floats
    before: Floats
    after: Floats
    shift: Floats
    p_value: Floats


def mix_dispersion(counts: Floats) -> float:
    """φ of compositions [P, T, K] from month to month, at least 1: median of Pearson's χ² per degree of freedom."""
    volume, of_category = counts.sum(axis=2), counts.sum(axis=1)
    total = volume.sum(axis=1)
    categories = (of_category > 0).sum(axis=1)
    enough = (total >= 2 * counts.shape[1]) & (categories > 1)
    if not enough.any():
        return 1.0
    shares = of_category[enough] / total[enough, None]
    expected = volume[enough, :, None] * shares[:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        cells = np.where(expected > 0, (counts[enough] - expected) ** 2 / expected, 0.0)
    degrees = np.maximum(((volume[enough] > 0).sum(axis=1) - 1) * (categories[enough] - 1), 1)
    per_degree = cells.sum(axis=(1, 2)) / degrees / (1 - 2 / (9 * degrees)) ** 3
    return max(1.0, float(np.median(per_degree)))


def mix_changes(composition: Composition, *, confirm: int) -> MixChange:
    """The best month of change of each provider's composition."""
    counts = composition.counts
    providers, months, _ = counts.shape
    dispersion = mix_dispersion(counts)
    cumulated = np.cumsum(counts, axis=1)
    whole = cumulated[:, -1]
    total = whole.sum(axis=1)
    common = xlogy(whole, whole).sum(axis=1) - xlogy(total, total)
    scores = np.full((providers, months), -np.inf)
    for month in range(confirm, months - confirm + 1):
        before = cumulated[:, month - 1]
        after = whole - before
        sides = (before.sum(axis=1), after.sum(axis=1))
        likelihood = sum(
            xlogy(side, side).sum(axis=1) - xlogy(n, n)
            for side, n in zip((before, after), sides, strict=True)
        )
        enough = np.minimum(*sides) >= LEAST_ON_EACH_SIDE
        scores[:, month] = np.where(enough, (likelihood - common) / dispersion, -np.inf)
    month_of = np.argmax(scores, axis=1)
    best = scores[np.arange(providers), month_of]
    degrees = (whole > 0).sum(axis=1) - 1
    tested = np.isfinite(best) & (degrees > 0)
    tries = max(months - 2 * confirm + 1, 1)
    p_value = np.ones(providers)
    p_value[tested] = np.minimum(1.0, tries * chi2.sf(2 * best[tested], degrees[tested]))
    before = cumulated[np.arange(providers), np.maximum(month_of - 1, 0)]
    after = whole - before
    share_before, share_after = (
        side / np.maximum(side.sum(axis=1, keepdims=True), 1e-12) for side in (before, after)
    )
    near = scores >= np.where(np.isfinite(best), best, np.inf)[:, None] - 1.92
    return MixChange(
        month_of,
        np.argmax(near, axis=1),
        months - 1 - np.argmax(near[:, ::-1], axis=1),
        share_before,
        share_after,
        before.sum(axis=1),
        after.sum(axis=1),
        np.abs(share_after - share_before).sum(axis=1) / 2,
        p_value,
    )
