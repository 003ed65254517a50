"""A market of monthly counts whose growth is known, because it was put there: what the trend figures are measured on.

Belongs here: making counts. The calendar is pandas' own, day by day, so that nothing of `pipelines.trends` makes what it
is tested on. Planted: working days and holidays, weekend volume, the commercial deductible season (+38 % from January to
December, so −27.6 % from December to January), Medicare that moves from fee-for-service to Advantage by 5 % a year, a
reporting lag of which the completion factors know all but a small error, overdispersion, and steps in single members.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.holiday import USFederalHolidayCalendar

COMMERCIAL, FEE_FOR_SERVICE, ADVANTAGE = 0, 1, 2
SERIES = (("claims", "commercial"), ("claims", "medicare"), ("advantage", "medicare"))
SHARES = (0.5, 0.35, 0.15)
MIGRATION_A_YEAR = 0.05
JANUARY_TO_DECEMBER = 1.38
WEEKEND_RATE = 0.1
KNOWN_BY_AGE = (0.45, 0.78, 0.91, 0.96, 0.985, 0.995)
COMPLETION_ERROR = 0.01
DISPERSION = 1.2


@dataclass(frozen=True)
class Market:
    """`volumes`: members × series × months, the final counts; `weekend`: those on weekends. `members` by id and level."""

    months: pd.DatetimeIndex
    volumes: NDArray[np.int64]
    weekend: NDArray[np.int64]
    yearly: NDArray[np.float64]
    steps: NDArray[np.float64]
    units: NDArray[np.int64] = field(repr=False)


def day_weights(months: pd.DatetimeIndex) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Volume of each month in working days, and the part of it on weekends."""
    days = pd.date_range(months[0], months[-1] + pd.offsets.MonthEnd(), freq="D")
    is_weekend = days.dayofweek.to_numpy() >= 5
    off = days.isin(USFederalHolidayCalendar().holidays(days[0], days[-1])) | is_weekend
    weights = pd.Series(np.where(off, WEEKEND_RATE, 1.0), index=days)
    by_month = weights.groupby(days.to_period("M")).sum().to_numpy()
    weekend = weights.where(is_weekend, 0.0).groupby(days.to_period("M")).sum().to_numpy()
    return by_month, weekend / by_month


def plant(
    seed: int,
    yearly: NDArray[np.float64],
    *,
    months: int = 60,
    first: str = "2022-01-01",
    steps: NDArray[np.float64] | None = None,
    step_month: int | None = None,
    units: int = 20,
) -> Market:
    """Members with `yearly` procedures each; from month `step_month` on each is multiplied by 1 + `steps`."""
    rng = np.random.default_rng(seed)
    index = pd.date_range(first, periods=months, freq="MS")
    days, weekend_share = day_weights(index)
    years = np.arange(months) / 12.0
    season = np.ones((3, months))
    season[COMMERCIAL] = JANUARY_TO_DECEMBER ** ((index.month.to_numpy() - 1) / 11.0)
    season[1:] = 1.0 + 0.04 * np.cos((index.month.to_numpy() - 4) / 12.0 * 2 * np.pi)
    migrated = (1.0 - MIGRATION_A_YEAR) ** years
    share = np.array(SHARES)[:, None] * np.ones((3, months))
    share[FEE_FOR_SERVICE] *= migrated
    share[ADVANTAGE] += SHARES[FEE_FOR_SERVICE] * (1.0 - migrated)
    # Members differ in their payers; everybody's channels sum to one.
    tilt = rng.dirichlet((6.0, 4.0, 2.0), len(yearly))
    mix = tilt[:, :, None] * share[None]
    mix = mix / mix.sum(axis=1, keepdims=True)
    steps = np.zeros(len(yearly)) if steps is None else steps
    level = np.ones((len(yearly), months))
    if step_month is not None:
        level[:, step_month:] += steps[:, None]
    season = season / season.mean(axis=1, keepdims=True)
    expected = (yearly / 12.0)[:, None, None] * mix * season[None] * (days / days.mean())[None, None]
    expected = expected * level[:, None, :]
    volumes = rng.negative_binomial(expected / (DISPERSION - 1.0), 1.0 / DISPERSION)
    weekend = rng.binomial(volumes, weekend_share[None, None, :])
    return Market(index, volumes, weekend, yearly, steps, rng.integers(0, units, len(yearly)))


def known_at(market: Market, seed: int, last: int) -> pd.DataFrame:
    """What is known when month `last` is the newest that is over: the input of `measure_trends`, by provider, unit and
    nation."""
    rng = np.random.default_rng((seed, last))
    used = slice(0, last + 1)
    age = last - np.arange(last + 1)
    known = np.array([KNOWN_BY_AGE[each] if each < len(KNOWN_BY_AGE) else 1.0 for each in age])
    told = np.clip(
        known + np.where(known < 1.0, rng.normal(0.0, COMPLETION_ERROR, len(known)), 0.0), 0.01, 1.0
    )
    counts, weekend = market.volumes[:, :, used].copy(), market.weekend[:, :, used].copy()
    late = known < 1.0
    counts[:, :, late] = rng.binomial(counts[:, :, late], known[late])
    weekend[:, :, late] = np.minimum(weekend[:, :, late], counts[:, :, late])
    frames = []
    levels = (
        ("provider", np.arange(len(market.yearly))),
        ("unit", market.units),
        ("nation", np.zeros(len(market.yearly), dtype=np.int64)),
    )
    for level, member in levels:
        size = int(member.max()) + 1
        sums = [np.zeros((size, *counts.shape[1:]), dtype=np.int64) for _ in range(2)]
        for total, part in zip(sums, (counts, weekend), strict=True):
            np.add.at(total, member, part)
        place = np.indices(sums[0].shape).reshape(3, -1)
        frames.append(
            pd.DataFrame(
                {
                    "product_id": "joint",
                    "level": level,
                    "member_id": pd.Index([f"{number:05d}" for number in range(size)])[place[0]],
                    "source": np.array([name for name, _ in SERIES])[place[1]],
                    "payer_channel": np.array([name for _, name in SERIES])[place[1]],
                    "service_month": market.months[place[2]],
                    "procedures": sums[0].ravel().astype(float),
                    "weekend_procedures": sums[1].ravel().astype(float),
                    "completeness_share": told[place[2]],
                    "completeness_error": np.where(known < 1.0, COMPLETION_ERROR, 0.0)[place[2]],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
