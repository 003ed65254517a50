"""What is known of many true growths from their noisy estimates: empirical Bayes with a prior learnt from all cells.

Belongs here: arrays in and out. The prior is a mixture of normals around a common centre, with shares learnt from the
cells (M. Stephens, "False discovery rates: a new deal", *Biostatistics* 18, 2017): where nothing changed, noise is drawn
to the centre; where few cells changed much, they are not drawn in with the many, as one normal (Morris 1983) would do.
The narrowest part is not a point but what members usually change: a cell of three procedures is not known to be flat
because others are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats: TypeAlias = NDArray[np.float64]

SPREADS = np.array([1.0, 2.0, 4.0, 8.0])
"""Standard deviations of the prior's parts, in usual changes."""
MAX_STEPS = 300


@dataclass(frozen=True)
class Posterior:
    """Mixtures of normals, one a cell: `weights`, `means`, `deviations` are cells × parts."""

    weights: Floats
    means: Floats
    deviations: Floats

    @property
    def mean(self) -> Floats:
        return (self.weights * self.means).sum(axis=1)

    def quantile(self, probability: float) -> Floats:
        """The value below which each cell's truth lies with `probability`, by bisection to 1e-9."""
        low = (self.means - 9.0 * self.deviations).min(axis=1)
        high = (self.means + 9.0 * self.deviations).max(axis=1)
        scale = np.maximum(self.deviations, 1e-12)
        for _ in range(50):
            middle = (low + high) / 2.0
            below = (self.weights * ndtr((middle[:, None] - self.means) / scale)).sum(axis=1) < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2.0

    def widened(self, variance: float) -> Posterior:
        """The same with an error that all cells share, such as that of the season."""
        return Posterior(self.weights, self.means, np.sqrt(self.deviations**2 + variance))


def shrink(estimates: Floats, variances: Floats, usual_change: float) -> Posterior:
    """Posterior of the true values of `estimates` ~ N(true, `variances`), both of length k ≥ 1, variances > 0.
    `usual_change` > 0 is the least spread of the truth, as a log ratio.

    Centre and mixture by expectation-maximisation; the centre's own uncertainty is part of the posterior.
    """
    spread = (usual_change * SPREADS[None, :]) ** 2
    total = variances[:, None] + spread
    centre = float((estimates / variances).sum() / (1.0 / variances).sum())
    shares = np.full(len(SPREADS), 1.0 / len(SPREADS))
    membership = np.ones_like(total)
    for _ in range(MAX_STEPS):
        membership = _membership(estimates, total, centre, shares)
        pull = membership / total
        new_centre = float((pull * estimates[:, None]).sum() / pull.sum())
        new_shares = membership.mean(axis=0)
        moved = abs(new_centre - centre) + float(np.abs(new_shares - shares).sum())
        centre, shares = new_centre, new_shares
        if moved < 1e-7:
            break
    membership = _membership(estimates, total, centre, shares)
    centre_variance = 1.0 / float((membership / total).sum())
    own = spread / total
    means = centre + own * (estimates[:, None] - centre)
    deviations = np.sqrt(own * variances[:, None] + (1.0 - own) ** 2 * centre_variance)
    return Posterior(membership, means, deviations)


def _membership(estimates: Floats, total: Floats, centre: float, shares: Floats) -> Floats:
    """Probability that a cell belongs to each part of the prior."""
    with np.errstate(divide="ignore"):
        log = np.log(shares)[None, :] - 0.5 * (np.log(total) + (estimates[:, None] - centre) ** 2 / total)
    log -= log.max(axis=1, keepdims=True)
    found = np.exp(log)
    return found / found.sum(axis=1, keepdims=True)
