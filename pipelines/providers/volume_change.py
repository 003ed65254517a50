"""Did a person's work begin or end within the months seen? A Poisson likelihood ratio for every month it could have been.

A person's procedures fall on the months as the nation's do (`exposure`), or, if the work began or ended at month m,
only on one side of it. Given the total N the count A on the other side is binomial (N, exposure of that side), which is
exact whatever the person's rate: p = P(Binomial ≤ A). With A = 0 the best month is the one next to the last (first)
procedure, and p is the chance that the last of N procedures falls so early: one test, not one a month. Where some
procedures are left, p is multiplied by the number of months tried. Counts are overdispersed by φ: N and A are divided by
it (quasi-likelihood; McCullagh & Nelder 1989, ch. 9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, xlogy

from pipelines.providers.panel import Floats, Whole


@dataclass(frozen=True)
class VolumeChange:
    """Per provider [P]: the first month after the best change, what was counted on both sides, and p (1: none)."""

    month: Whole
    earliest: Whole
    latest: Whole
    before: Floats
    after: Floats
    p_value: Floats


def monthly_exposure(totals: Floats) -> Floats:
    """Share of each month [T] in the nation's procedures: working days and season, common to all."""
    months = totals.sum(axis=0)
    share: Floats = months / months.sum()
    return share


def rate_dispersion(totals: Floats, exposure: Floats) -> float:
    """φ: the median over providers of Pearson's χ² per degree of freedom, at least 1.

    The median, because the few to whom something happened must not hide themselves; it is put on the scale of the
    mean by Wilson & Hilferty's cube.
    """
    volume = totals.sum(axis=1)
    worked = exposure > 0
    enough = totals[volume >= 2 * totals.shape[1]][:, worked]
    if not len(enough) or worked.sum() < 2:
        return 1.0
    expected = enough.sum(axis=1, keepdims=True) * exposure[worked]
    degrees = int(worked.sum()) - 1
    pearson = ((enough - expected) ** 2 / expected).sum(axis=1) / degrees
    return max(1.0, float(np.median(pearson)) / (1 - 2 / (9 * degrees)) ** 3)


def work_ended(
    totals: Floats, exposure: Floats, dispersion: float, *, confirm: int, left_share: float
) -> VolumeChange:
    """The best month from which on at most `left_share` of the former rate is left, at least `confirm` months long."""
    months = totals.shape[1]
    volume, best = totals.sum(axis=1), np.full(len(totals), -np.inf)
    scores = np.full((len(totals), months), -np.inf)
    before_all, share_all = np.cumsum(totals, axis=1), np.cumsum(exposure)
    for month in range(confirm, months - confirm + 1):
        before, share = before_all[:, month - 1], share_all[month - 1]
        after = volume - before
        score = (
            xlogy(before, before / np.maximum(volume * share, 1e-12))
            + xlogy(after, after / np.maximum(volume * (1 - share), 1e-12))
        ) / dispersion
        # A month in which nobody worked at all tells nothing of one person.
        gone = (before > 0) & (share < 1) & (after * share <= left_share * before * (1 - share))
        scores[:, month] = np.where(gone, score, -np.inf)
    month_of = np.argmax(scores, axis=1)
    rows = np.arange(len(totals))
    best = scores[rows, month_of]
    found = np.isfinite(best)
    month_of = np.where(found, month_of, 0)
    before = np.where(found, before_all[rows, np.maximum(month_of - 1, 0)], volume)
    after = volume - before
    share_after = 1 - share_all[np.maximum(month_of - 1, 0)]
    p_value = lower_tail(after / dispersion, volume / dispersion, share_after)
    p_value = np.where(after > 0, np.minimum(1.0, p_value * max(months - 2 * confirm + 1, 1)), p_value)
    earliest, latest = _likely_months(scores)
    return VolumeChange(month_of, earliest, latest, before, after, np.where(found, p_value, 1.0))


def work_began(
    totals: Floats, exposure: Floats, dispersion: float, *, confirm: int, left_share: float
) -> VolumeChange:
    """The same seen from the other end of time: `month` is the first with work."""
    months = totals.shape[1]
    mirrored = work_ended(totals[:, ::-1], exposure[::-1], dispersion, confirm=confirm, left_share=left_share)
    return VolumeChange(
        months - mirrored.month,
        months - mirrored.latest,
        months - mirrored.earliest,
        mirrored.after,
        mirrored.before,
        mirrored.p_value,
    )


def lower_tail(hits: Floats, trials: Floats, share: Floats) -> Floats:
    """P(Binomial(trials, share) ≤ hits), by the incomplete beta function, so that neither need be whole."""
    tail: Floats = np.where(
        hits >= trials, 1.0, betainc(np.maximum(trials - hits, 1e-12), hits + 1.0, 1.0 - share)
    )
    return tail


def _likely_months(scores: Floats, drop: float = 1.92) -> tuple[Whole, Whole]:
    """First and last month [P] whose log likelihood is within `drop` (95 %) of the best."""
    near = scores >= scores.max(axis=1, keepdims=True) - drop
    return np.argmax(near, axis=1), scores.shape[1] - 1 - np.argmax(near[:, ::-1], axis=1)
