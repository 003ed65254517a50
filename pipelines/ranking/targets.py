"""Whom to call on first: a weighted mean of standardised components, each shown, with an interval of the rank itself.

Belongs here: score, rank and interval per product. Components come from their own stages; one that nobody knows (no
referral table, no trend yet) drops out and its weight goes to the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

Floats: TypeAlias = NDArray[np.float64]

COMPONENTS = ("intensity", "referral", "trend", "addressable")
TREND = COMPONENTS.index("trend")
DRAWS = 200
TARGET_COLUMNS = [
    *("product_id", "npi", "target_rank", "rank_low", "rank_high", "score"),
    *("intensity", "intensity_unit", "charge_share", "is_charge_based", "referral_value"),
    *("growth_share", "trend_class", "addressable_share"),
    *(f"{name}_score" for name in COMPONENTS),
]
INPUTS = [
    *("product_id", "npi", "intensity", "intensity_error", "intensity_unit", "charge_share"),
    *("referral_value", "referral_error", "growth_share", "growth_low", "growth_high", "trend_class"),
    "addressable_share",
]


@dataclass(frozen=True)
class RankRule:
    """Weights of the components (at least 0, not all 0), the level of intervals and the seed of the draws."""

    weights: dict[str, float]
    interval_level: float
    seed: int

    @classmethod
    def from_settings(cls, number: Callable[[str], float]) -> RankRule:
        """The rule that the settings give; `number` tells a setting's value by its name."""
        weights = {name: number(f"rank_weight_{name}") for name in COMPONENTS}
        return cls(weights, number("interval_level"), int(number("solver_seed")))


def target_ranks(known: pd.DataFrame, rule: RankRule) -> pd.DataFrame:
    """TARGET_COLUMNS, one row a product and person, sorted by both. `known` has INPUTS; what is not known is nan.

    * intensity and referral value (at least 0): logarithm of 1 + value; trend: logarithm of 1 + growth; addressable: the
      share as it is. Each less its mean, divided by its standard deviation over the product's people, that of growth
      with what is not known of it (its values are shrunk, and would seem to differ the more the less is known);
    * a person of whom a component is not known has its mean (0);
    * ranks by falling score, ties by NPI;
    * rank interval: ranks under draws from each component's posterior, gamma for amounts and normal for growth.
    """
    frames = []
    for place, (_, people) in enumerate(known.groupby("product_id", sort=True)):
        ordered = people.sort_values("npi", kind="stable", ignore_index=True)
        frames.append(_ranked(ordered, rule, np.random.default_rng([rule.seed, place])))
    if not frames:
        return pd.DataFrame(columns=TARGET_COLUMNS)
    return pd.concat(frames, ignore_index=True)[TARGET_COLUMNS]


def _ranked(people: pd.DataFrame, rule: RankRule, rng: np.random.Generator) -> pd.DataFrame:
    values = _measured(people, people["intensity"], people["referral_value"], people["growth_share"])
    centre, spread = _scale(values)
    # Growth comes shrunk: where nothing is known of anybody, tiny differences must not count as large.
    squares = _growth_error(people, rule) ** 2
    if np.isfinite(squares).any():
        spread[TREND] = np.hypot(spread[TREND], np.sqrt(np.nanmean(squares)))
    weights = np.array([rule.weights[name] for name in COMPONENTS]) * (spread > 0)
    if weights.sum() > 0:
        weights = weights / weights.sum()

    def scores(measured: Floats) -> Floats:
        standard = (measured - centre) / np.where(spread > 0, spread, 1.0)
        return np.nan_to_num(standard)

    point = scores(values)
    total = point @ weights
    order = np.argsort(-total, kind="stable")
    rank = np.empty(len(people), dtype=np.int64)
    rank[order] = np.arange(1, len(people) + 1)
    drawn = np.empty((DRAWS, len(people)), dtype=np.int32)
    for draw in range(DRAWS):
        shaken = _measured(
            people,
            _gamma(people["intensity"], people["intensity_error"], rng),
            _gamma(people["referral_value"], people["referral_error"], rng),
            _growth(people, rule, rng),
        )
        drawn[draw, np.argsort(-(scores(shaken) @ weights), kind="stable")] = np.arange(1, len(people) + 1)
    tail = (1.0 - rule.interval_level) / 2.0
    low = np.quantile(drawn, tail, axis=0, method="lower")
    high = np.quantile(drawn, 1.0 - tail, axis=0, method="higher")
    found = people.assign(
        target_rank=rank,
        # The point rank is a draw like any other: its interval holds it.
        rank_low=np.minimum(low, rank).astype(np.int64),
        rank_high=np.maximum(high, rank).astype(np.int64),
        score=total,
        is_charge_based=people["charge_share"] > 0,
    )
    for place, name in enumerate(COMPONENTS):
        found[f"{name}_score"] = point[:, place] if weights[place] > 0 else np.nan
    return found


def _measured(people: pd.DataFrame, intensity: pd.Series, referral: pd.Series, growth: pd.Series) -> Floats:
    """People × components, on the scale that is standardised."""
    return np.column_stack(
        [
            np.log1p(np.maximum(intensity.to_numpy(float), 0.0)),
            np.log1p(np.maximum(referral.to_numpy(float), 0.0)),
            np.log1p(np.maximum(growth.to_numpy(float), -0.99)),
            people["addressable_share"].to_numpy(float),
        ]
    )


def _scale(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each component over who is known; 0 where nobody or everybody is the same."""
    seen = np.isfinite(values)
    count = np.maximum(seen.sum(axis=0), 1)
    filled = np.where(seen, values, 0.0)
    centre = filled.sum(axis=0) / count
    spread = np.sqrt(np.where(seen, (filled - centre) ** 2, 0.0).sum(axis=0) / count)
    return centre, np.where(spread > 1e-12, spread, 0.0)


def _gamma(value: pd.Series, error: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Draws with the mean and standard error given; what has no error stays as it is."""
    mean, deviation = value.to_numpy(float), error.to_numpy(float)
    is_drawn = (mean > 0) & (deviation > 0)
    shape = np.where(is_drawn, (mean / np.where(is_drawn, deviation, 1.0)) ** 2, 1.0)
    drawn = rng.standard_gamma(shape) * np.where(is_drawn, mean, 0.0) / shape
    return pd.Series(np.where(is_drawn, drawn, mean), index=value.index)


def _growth_error(people: pd.DataFrame, rule: RankRule) -> Floats:
    """Standard deviation of each log growth, from its interval."""
    low, high = (np.log1p(people[name].to_numpy(float)) for name in ("growth_low", "growth_high"))
    error: Floats = (high - low) / 2.0 / float(ndtri(0.5 + rule.interval_level / 2.0))
    return error


def _growth(people: pd.DataFrame, rule: RankRule, rng: np.random.Generator) -> pd.Series:
    deviation = _growth_error(people, rule)
    middle = np.log1p(people["growth_share"].to_numpy(float))
    return pd.Series(np.expm1(middle + deviation * rng.standard_normal(len(people))), index=people.index)
