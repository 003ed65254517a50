"""Month-of-year factors by product and payer channel, from the nation, with growth taken out.

Belongs here: from monthly national rates per working day to twelve factors with their variance. Method: weighted least
squares of the log rate on twelve months and a linear growth (McCullagh & Nelder 1989, ch. 9, for the dispersion); a
channel's factors are drawn towards those of all channels together as far as its own noise asks for (method of moments,
DerSimonian & Laird 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

YEAR = 12


@dataclass(frozen=True)
class SeasonFit:
    """Log factors and their variances for January to December (mean factor 1), the national dispersion (at least 1)
    and the yearly growth that was taken out (share)."""

    log_factors: Floats
    variances: Floats
    dispersion: float
    yearly_growth: float


def fit_season(counts: Floats, days: Floats, month_numbers: NDArray[np.int64]) -> SeasonFit | None:
    """Fit one series. `counts` and `days` (working-day equivalents) per month, in order; `month_numbers` 1 to 12.

    None with fewer than 24 months, or where a month of the year has no events: then nothing is known of its season.
    """
    months = len(counts)
    if months < 2 * YEAR or (np.bincount(month_numbers, weights=counts, minlength=13)[1:] <= 0).any():
        return None
    design = np.zeros((months, YEAR + 1))
    design[np.arange(months), month_numbers - 1] = 1.0
    design[:, YEAR] = (np.arange(months) - (months - 1) / 2) / YEAR
    rate = np.log((counts + 0.5) / days)
    weight = counts + 0.5
    inverse = np.linalg.pinv(design.T @ (design * weight[:, None]))
    beta = inverse @ (design.T @ (weight * rate))
    residual = rate - design @ beta
    dispersion = max(1.0, float((weight * residual**2).sum() / (months - YEAR - 1)))
    level = np.log(np.exp(beta[:YEAR]).mean())
    # The level's own variance is no matter of the season: factors are relative to their mean.
    centre = np.eye(YEAR) - 1.0 / YEAR
    variances = np.diag(centre @ inverse[:YEAR, :YEAR] @ centre) * dispersion
    return SeasonFit(beta[:YEAR] - level, variances, dispersion, float(np.expm1(beta[YEAR])))


def towards(fit: SeasonFit | None, pooled: SeasonFit) -> SeasonFit:
    """A channel's factors, shrunk towards `pooled` by credibility τ² ÷ (τ² + v); `pooled` where there is no fit."""
    if fit is None:
        return pooled
    gap = fit.log_factors - pooled.log_factors
    between = max(0.0, float((gap**2).mean() - fit.variances.mean()))
    credibility = between / (between + fit.variances)
    log_factors = pooled.log_factors + credibility * gap
    log_factors = log_factors - np.log(np.exp(log_factors).mean())
    variances = credibility * fit.variances + (1.0 - credibility) ** 2 * pooled.variances
    return SeasonFit(log_factors, variances, fit.dispersion, fit.yearly_growth)


def season_fits(national: pd.DataFrame, days: pd.Series) -> dict[str, SeasonFit]:
    """Fits by payer channel of one product; empty where the months do not reach for it.

    `national`: payer_channel × month (columns, in order), counts of a constant panel; `days` by month.
    """
    months = pd.DatetimeIndex(national.columns)
    numbers = months.month.to_numpy().astype(np.int64)
    lengths = days.reindex(months).to_numpy(float)
    pooled = fit_season(national.to_numpy(float).sum(axis=0), lengths, numbers)
    if pooled is None:
        return {}
    return {
        str(channel): towards(fit_season(row.to_numpy(float), lengths, numbers), pooled)
        for channel, row in national.iterrows()
    }
