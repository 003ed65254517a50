"""Growth of each member of a product and level, from the counts of a constant panel to estimate, interval and class.

Belongs here: the arithmetic of section 4 of docs/methods/opportunity.md on one product. Which months and series are
compared is `trend`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import chi2

from pipelines.trends.classify import trend_classes
from pipelines.trends.shrinkage import shrink

Floats: TypeAlias = NDArray[np.float64]

ENOUGH_A_MONTH = 5.0  # expected events a month from which X² follows χ² closely enough for its median
ENOUGH_CELLS = 8


@dataclass(frozen=True)
class TrendRule:
    """The settings of trends: docs/methods/opportunity.md says what each means."""

    recent_months: int
    flat_share: float
    usual_change_share: float
    max_interval_share: float
    interval_level: float
    completion_floor_share: float
    max_drop_share: float

    @classmethod
    def from_settings(cls, number: Callable[[str], float]) -> TrendRule:
        """The rule that the settings give; `number` tells a setting's value by its name."""
        return cls(
            recent_months=int(number("trend_recent_months")),
            flat_share=number("trend_flat_share"),
            usual_change_share=number("trend_usual_change_share"),
            max_interval_share=number("trend_max_interval_share"),
            interval_level=number("interval_level"),
            completion_floor_share=number("completion_floor_share"),
            max_drop_share=number("supply_max_channel_drop_share"),
        )


@dataclass(frozen=True)
class Adjusted:
    """Adjusted volume of members × compared months (base first): `volume` in events at a usual month's length and
    season, `variance` its Poisson variance. `counted` are the events themselves."""

    members: pd.Index
    counted: Floats
    volume: Floats
    variance: Floats
    base_months: int

    @property
    def recent_months(self) -> int:
        return self.volume.shape[1] - self.base_months


def dispersion_around_nation(adjusted: Adjusted) -> float:
    """Variance ÷ Poisson variance of a member's base months around its share of all members, at least 1.

    Pearson X² over its degrees of freedom (McCullagh & Nelder 1989, ch. 9). The median over the members that have
    enough events, corrected by the median of χ², so that a member that did change makes nobody else look noisy; with
    few such members their sum.
    """
    volume = adjusted.volume[:, : adjusted.base_months]
    variance = adjusted.variance[:, : adjusted.base_months]
    total = volume.sum()
    months = volume.shape[1]
    if total <= 0 or months < 2:
        return 1.0
    share = volume.sum(axis=1) / total
    expected = share[:, None] * volume.sum(axis=0)[None, :]
    per_event = variance.sum(axis=0) / np.maximum(volume.sum(axis=0), 1e-300)
    free = (expected > 0) & (per_event > 0)[None, :]
    squares = np.where(
        free, (volume - expected) ** 2 / np.where(free, expected * per_event[None, :], 1.0), 0.0
    ).sum(axis=1)
    freedom = (months - 1) * (1.0 - share)
    used = freedom > 0.1 * (months - 1)
    large = used & (expected.mean(axis=1) >= ENOUGH_A_MONTH)
    if np.count_nonzero(large) >= ENOUGH_CELLS:
        ratio = squares[large] / freedom[large]
        return max(1.0, float(np.median(ratio) * (months - 1) / chi2.ppf(0.5, months - 1)))
    return max(1.0, float(squares[used].sum() / freedom[used].sum())) if used.any() else 1.0


@dataclass(frozen=True)
class LogGrowth:
    """Unshrunk log ratios (recent ÷ base, per month) and their variances; members without any event are nan."""

    estimates: Floats
    variances: Floats


def log_growth(adjusted: Adjusted, dispersion: float) -> LogGrowth:
    """Log of the rate ratio with half an event added to either side, so that none recent is a number, not −∞."""
    base, recent = slice(0, adjusted.base_months), slice(adjusted.base_months, None)
    sums = [adjusted.volume[:, part].sum(axis=1) for part in (base, recent)]
    variances = [adjusted.variance[:, part].sum(axis=1) for part in (base, recent)]
    everything = sums[0] + sums[1]
    seen = everything > 0
    usual = np.where(seen, (variances[0] + variances[1]) / np.where(seen, everything, 1.0), 1.0)
    per_event = [
        np.where(value > 0, variance / np.where(value > 0, value, 1.0), usual)
        for value, variance in zip(sums, variances, strict=True)
    ]
    events = [value / each + 0.5 for value, each in zip(sums, per_event, strict=True)]
    per_month = [
        count * each / months
        for count, each, months in zip(
            events, per_event, (adjusted.base_months, adjusted.recent_months), strict=True
        )
    ]
    estimates = np.log(per_month[1] / per_month[0])
    spread = dispersion * (1.0 / events[0] + 1.0 / events[1])
    return LogGrowth(np.where(seen, estimates, np.nan), np.where(seen, spread, np.nan))


def growth_table(adjusted: Adjusted, rule: TrendRule, shared_variance: float) -> pd.DataFrame:
    """One row a member: counts, growth with its interval, class. `shared_variance` of the log ratio is common to all.

    Columns: member_id, recent_procedures, base_procedures (events of the panel as counted), growth_share, growth_low,
    growth_high (shrunk), own_growth_share (not shrunk), trend_class.
    """
    own = log_growth(adjusted, dispersion_around_nation(adjusted))
    seen = np.isfinite(own.estimates)
    posterior = (
        shrink(own.estimates[seen], own.variances[seen], np.log1p(rule.usual_change_share))
        if seen.any()
        else None
    )
    shrunk = np.full((3, len(seen)), np.nan)
    if posterior is not None:
        wide = posterior.widened(shared_variance)
        tail = (1.0 - rule.interval_level) / 2.0
        shrunk[:, seen] = np.expm1([posterior.mean, wide.quantile(tail), wide.quantile(1.0 - tail)])
    half_width = np.expm1(ndtri(0.5 + rule.interval_level / 2.0) * np.sqrt(own.variances + shared_variance))
    return pd.DataFrame(
        {
            "member_id": adjusted.members,
            "recent_procedures": adjusted.counted[:, adjusted.base_months :].sum(axis=1),
            "base_procedures": adjusted.counted[:, : adjusted.base_months].sum(axis=1),
            "growth_share": shrunk[0],
            "growth_low": shrunk[1],
            "growth_high": shrunk[2],
            "own_growth_share": np.expm1(own.estimates),
            "trend_class": trend_classes(
                shrunk[1],
                shrunk[2],
                half_width,
                flat_share=rule.flat_share,
                max_interval_share=rule.max_interval_share,
            ),
        }
    )
