"""Trends of providers and places: which months and series are compared, adjusted by calendar and season, and the result.

Belongs here: the walk of section 4 of docs/methods/opportunity.md, product by product. Statistics are in `growth`,
`season`, `shrinkage`; days in `calendar`; series in `panel`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.trends.calendar import month_days, weekend_weight, working_day_equivalents
from pipelines.trends.growth import Adjusted, TrendRule, growth_table
from pipelines.trends.panel import SERIES, constant_panel, excluded_text
from pipelines.trends.season import YEAR, SeasonFit, season_fits

NATION = "nation"
MAX_SEASON_MONTHS = 48
INPUT_COLUMNS = [
    *("product_id", "level", "member_id", "source", "payer_channel", "service_month"),
    *("procedures", "weekend_procedures", "completeness_share", "completeness_error"),
]
TREND_COLUMNS = [
    *("product_id", "level", "member_id", "recent_from", "recent_to", "base_from", "base_to", "months_used"),
    *("recent_procedures", "base_procedures", "growth_share", "growth_low", "growth_high"),
    *("own_growth_share", "trend_class", "method", "panel_excluded"),
]
FACTOR_COLUMNS = [
    *("product_id", "payer_channel", "month_of_year", "factor", "factor_error", "yearly_growth_share"),
    *("weekend_weight", "months_fitted"),
]


@dataclass(frozen=True)
class Trends:
    """`trend` and `season_factor` as in docs/architecture.md, sorted by key."""

    trend: pd.DataFrame
    season_factor: pd.DataFrame


@dataclass(frozen=True)
class Comparison:
    """What one product's members are compared on. `exposure` by (source, payer_channel) × month is what a usual month's
    worth of events is multiplied by in that month; `shared_variance` is the log ratio's error common to all members."""

    base: pd.DatetimeIndex
    recent: pd.DatetimeIndex
    panel: pd.MultiIndex
    exposure: pd.DataFrame
    shared_variance: float
    method: str
    excluded: str
    factors: pd.DataFrame


def measure_trends(counts: pd.DataFrame, rule: TrendRule) -> Trends:
    """Trends of all members in `counts` (INPUT_COLUMNS; one row a product, level, member, source, channel and month).

    `procedures` are as captured, `completeness_share` what is known of them by now (0 to 1] with its standard error
    `completeness_error`, `weekend_procedures` those of Saturdays and Sundays. The rows of level `nation` are what season
    and panel are read from. Months of a product that are known by less than `rule.completion_floor_share` take no part.
    ValueError where a product has no rows of level `nation`.
    """
    trends, factors = [], []
    # Sums of floats depend on the order: it is the key's, whatever came.
    counts = counts.sort_values(INPUT_COLUMNS[:6], kind="stable")
    for product_id, rows in counts.groupby("product_id", sort=True):
        national = rows[rows["level"] == NATION]
        if national.empty:
            raise ValueError(f"{product_id}: no rows of level {NATION!r}")
        comparison = compare_on(national, rule)
        if comparison is None:
            continue
        factors.append(comparison.factors.assign(product_id=product_id))
        for level, members in rows.groupby("level", sort=True):
            table = growth_table(adjusted_volumes(members, comparison), rule, comparison.shared_variance)
            trends.append(table.assign(product_id=product_id, level=level, **_said_of(comparison)))
    return Trends(
        _sorted(trends, TREND_COLUMNS, ["product_id", "level", "member_id"]),
        _sorted(factors, FACTOR_COLUMNS, ["product_id", "payer_channel", "month_of_year"]),
    )


def _said_of(comparison: Comparison) -> dict[str, object]:
    return {
        "recent_from": comparison.recent[0],
        "recent_to": comparison.recent[-1],
        "base_from": comparison.base[0],
        "base_to": comparison.base[-1],
        "months_used": len(comparison.base) + len(comparison.recent),
        "method": comparison.method,
        "panel_excluded": comparison.excluded,
    }


def _sorted(frames: list[pd.DataFrame], columns: list[str], key: list[str]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns].sort_values(key, ignore_index=True)


def compare_on(national: pd.DataFrame, rule: TrendRule) -> Comparison | None:
    """Months, panel and exposures of one product, from its national rows. None where no two windows can be compared:
    a recent one, and the year before it (or, without a season, the same months of the year before)."""
    completed = national.assign(completed=national["procedures"] / national["completeness_share"])
    months = mature_months(completed, rule.completion_floor_share)
    if len(months) < YEAR + rule.recent_months:
        return None
    recent = months[-rule.recent_months :]
    year_before = months[-rule.recent_months - YEAR : -rule.recent_months]
    by_series = completed.pivot_table("completed", SERIES, "service_month", aggfunc="sum", fill_value=0.0)
    panel = constant_panel(by_series, year_before.append(recent), rule.max_drop_share)
    if not len(panel):
        return None
    excluded = excluded_text(by_series, panel)
    in_panel = by_series.reindex(columns=months, fill_value=0.0).loc[panel]
    taking_part = completed.set_index(SERIES).loc[lambda rows: rows.index.isin(panel)]
    taking_part = taking_part[taking_part["service_month"].isin(months)]
    days = month_days(months)
    weight = weekend_weight(
        float(taking_part["procedures"].sum()), float(taking_part["weekend_procedures"].sum()), days
    )
    lengths = working_day_equivalents(days, weight)

    # The recent months are judged by the season; so they have no part in it.
    before = months[: -rule.recent_months][-MAX_SEASON_MONTHS:]
    before = before[len(before) % YEAR :]
    fits: dict[str, SeasonFit] = {}
    if len(before) >= 2 * YEAR:
        steady = constant_panel(by_series, before, rule.max_drop_share)
        per_channel = by_series.reindex(columns=before, fill_value=0.0).loc[steady]
        fits = season_fits(per_channel.groupby(level="payer_channel").sum(), lengths)
    if fits:
        method, base = "season", year_before
    else:
        method, base = "same_months", year_before[: rule.recent_months]
    compared = base.append(recent)
    log_season = _log_season(panel, compared, fits)
    exposure = pd.DataFrame(
        np.exp(log_season) * (lengths / lengths.mean()).reindex(compared).to_numpy()[None, :],
        index=panel,
        columns=compared,
    )
    return Comparison(
        base=base,
        recent=recent,
        panel=panel,
        exposure=exposure,
        shared_variance=_season_variance(in_panel[recent], fits) + _completion_variance(taking_part, recent),
        method=method,
        excluded=excluded,
        factors=_factor_rows(fits, weight, len(before)),
    )


def mature_months(completed: pd.DataFrame, floor_share: float) -> pd.DatetimeIndex:
    """All months from the first to the last one known by at least `floor_share`, over all series together."""
    sums = completed.groupby("service_month")[["procedures", "completed"]].sum()
    known = sums["procedures"] / sums["completed"].where(sums["completed"] > 0)
    mature = known.index[known >= floor_share]
    if not len(mature):
        return pd.DatetimeIndex([])
    return pd.date_range(mature.min(), mature.max(), freq="MS")


def _log_season(panel: pd.MultiIndex, months: pd.DatetimeIndex, fits: dict[str, SeasonFit]) -> np.ndarray:
    """Series × months; a channel without a fit of its own has the mean of the others'."""
    if not fits:
        return np.zeros((len(panel), len(months)))
    usual = np.mean([fit.log_factors for fit in fits.values()], axis=0)
    return np.array(
        [
            (fits[channel].log_factors if channel in fits else usual)[months.month - 1]
            for channel in panel.get_level_values("payer_channel")
        ]
    )


def _completion_variance(national: pd.DataFrame, recent: pd.DatetimeIndex) -> float:
    """Variance of the log growth from what the completion factors of the recent months do not know. All series of a month
    are taken to err together."""
    rows = national[national["service_month"].isin(recent)]
    error = rows["completed"] * rows["completeness_error"] / rows["completeness_share"]
    by_month = error.groupby(rows["service_month"]).sum() / max(float(rows["completed"].sum()), 1e-300)
    return float((by_month**2).sum())


def _season_variance(recent: pd.DataFrame, fits: dict[str, SeasonFit]) -> float:
    """Variance of the nation's log growth that no number of members averages away: the error of the factors of the recent
    months, and what the nation's months swing beyond Poisson."""
    by_channel = recent.groupby(level="payer_channel").sum()
    total = float(by_channel.to_numpy().sum())
    variance = 0.0
    for channel, row in by_channel.iterrows():
        fit = fits.get(str(channel))
        if fit is None or total <= 0:
            continue
        counts = row.to_numpy(float)
        weight = counts / total
        factor_error = fit.variances[pd.DatetimeIndex(by_channel.columns).month - 1]
        swing = (fit.dispersion - 1.0) / np.maximum(counts, 1.0)
        variance += float((weight**2 * (factor_error + swing)).sum())
    return variance


def _factor_rows(fits: dict[str, SeasonFit], weight: float, months: int) -> pd.DataFrame:
    rows = [
        {
            "payer_channel": channel,
            "month_of_year": month + 1,
            "factor": float(np.exp(fit.log_factors[month])),
            "factor_error": float(np.exp(fit.log_factors[month]) * np.sqrt(fit.variances[month])),
            "yearly_growth_share": fit.yearly_growth,
            "weekend_weight": weight,
            "months_fitted": months,
        }
        for channel, fit in fits.items()
        for month in range(YEAR)
    ]
    return pd.DataFrame(rows, columns=[name for name in FACTOR_COLUMNS if name != "product_id"])


def adjusted_volumes(members: pd.DataFrame, comparison: Comparison) -> Adjusted:
    """Volumes of the panel by member and compared month: captured ÷ completeness ÷ exposure, channels summed after."""
    compared = comparison.base.append(comparison.recent)
    ids = pd.Index(np.sort(members["member_id"].unique()), name="member_id")
    series = comparison.panel.get_indexer(pd.MultiIndex.from_frame(members[SERIES]))
    month = compared.get_indexer(pd.DatetimeIndex(members["service_month"]))
    used = (series >= 0) & (month >= 0)
    rows = members.loc[used]
    captured = rows["procedures"].to_numpy(float)
    scale = (
        rows["completeness_share"].to_numpy(float) * comparison.exposure.to_numpy()[series[used], month[used]]
    )
    place = ids.get_indexer(rows["member_id"]) * len(compared) + month[used]
    shape = (len(ids), len(compared))

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, weights=values, minlength=shape[0] * shape[1]).reshape(shape)

    return Adjusted(
        ids, summed(captured), summed(captured / scale), summed(captured / scale**2), len(comparison.base)
    )
