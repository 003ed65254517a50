"""The figures of trends and ranks, on markets whose truth is planted: `python -m benchmarks.scorecard_trends`.

Belongs here: what is counted, and the bound beside a figure that no method can push to its target. The markets are made
in `planted_trends` and `planted_regions`, which share no code with what is tested.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import nbinom, spearmanr

from benchmarks.planted_regions import planted_regions
from benchmarks.planted_trends import DISPERSION, Market, known_at, plant
from pipelines.config.model import Cohort, CohortComparison
from pipelines.ranking.hot_regions import hot_regions
from pipelines.ranking.intensity import billing_intensity
from pipelines.trends.cohorts import compare_cohorts
from pipelines.trends.growth import TrendRule
from pipelines.trends.trend import measure_trends

RULE = TrendRule(
    recent_months=2,
    flat_share=0.1,
    usual_change_share=0.15,
    max_interval_share=0.35,
    interval_level=0.9,
    completion_floor_share=0.8,
    max_drop_share=0.5,
)
"""The settings that ship."""
REFRESHES = 24
FIRST = 36  # months of history at the first refresh
MATURE_AGE = 2
STEP, STEP_MONTH, PLANTED_SHARE = 0.2, 50, 0.2
SIZES = (200, 500, 1_000, 2_000, 5_000, 10_000)
NON_FLAT = ("growing", "contracting")


def figures(seeds: Sequence[int]) -> dict[str, float]:
    """All figures by name, over the markets of `seeds`."""
    return {
        **stationary_figures(seeds),
        **recall_figures(seeds),
        **cohort_figures(range(10 * len(seeds))),
        **ranking_figures(seeds),
    }


def stationary_figures(seeds: Sequence[int]) -> dict[str, float]:
    """24 refreshes of a market in which nothing grows: lag, season, working days and payer drift are all there is."""
    cells = called = small = small_falls = alarms = 0
    flat = settled = 0
    for seed in seeds:
        rng = np.random.default_rng((seed, 1))
        market = plant(seed, np.exp(rng.uniform(np.log(10), np.log(5_000), 200)), months=FIRST + REFRESHES)
        for last in range(FIRST, FIRST + REFRESHES):
            trend = measure_trends(known_at(market, seed, last), RULE).trend
            is_called = trend["trend_class"].isin(NON_FLAT)
            cells, called = cells + len(trend), called + int(is_called.sum())
            yearly = trend["base_procedures"]
            providers = trend["level"] == "provider"
            few = providers & (yearly <= 100)
            small, small_falls = (
                small + int(few.sum()),
                small_falls + int((few & (trend["trend_class"] == "contracting")).sum()),
            )
            many = yearly >= 5_000
            settled, flat = (
                settled + int(many.sum()),
                flat + int((many & (trend["trend_class"] == "flat")).sum()),
            )
            if trend["recent_to"].iloc[0].month <= RULE.recent_months:
                alarms += int(is_january_alarm(trend))
    return {
        "stationary_nonflat_share": called / cells,
        "january_alarms": alarms,
        "small_false_contracting_share": small_falls / max(small, 1),
        "large_called_flat_share": flat / max(settled, 1),
    }


def is_january_alarm(trend: pd.DataFrame) -> bool:
    """Does a refresh whose recent window holds January raise an alarm: is the nation called non-flat, or more than one
    provider or unit in twenty called contracting? One in twenty is what chance is allowed in any month."""
    nation = trend["level"] == "nation"
    falls = float((trend.loc[~nation, "trend_class"] == "contracting").mean())
    return bool(trend.loc[nation, "trend_class"].isin(NON_FLAT).any()) or falls > 0.05


def recall_figures(seeds: Sequence[int]) -> dict[str, float]:
    """±20 % planted in a fifth of cells of 200 to 10,000 a year, asked when two mature months are known.

    `trend_recall_bound` is what the best test of 5 % size on the same months finds that knows each cell's true level,
    season and dispersion beforehand: no method can be asked for more without calling more than 5 % of unchanged cells.
    `…_after_6` and `…_after_12` are the same with a window of that many months, once as many are mature.
    """
    found: dict[int, list[pd.DataFrame]] = {RULE.recent_months: [], 6: [], 12: []}
    for seed in seeds:
        rng = np.random.default_rng((seed, 2))
        yearly = np.exp(rng.uniform(np.log(SIZES[0]), np.log(SIZES[-1]), 300))
        chances = [PLANTED_SHARE / 2, 1 - PLANTED_SHARE, PLANTED_SHARE / 2]
        steps = rng.choice([-STEP, 0.0, STEP], p=chances, size=len(yearly))
        market = plant(seed, yearly, steps=steps, step_month=STEP_MONTH, months=66)
        for months, called in found.items():
            called.append(_called(market, seed, replace(RULE, recent_months=months)))
    cells = pd.concat(found.pop(RULE.recent_months), ignore_index=True)
    planted, still = cells[cells["step"] != 0], cells[cells["step"] == 0]
    answer = {
        "trend_recall": float(planted["is_right"].mean()),
        "trend_recall_bound": float(planted["bound"].mean()),
        "trend_false_share": float((still["trend_class"].isin(NON_FLAT)).mean()),
    }
    for months, called in found.items():
        later = pd.concat(called, ignore_index=True).query("step != 0")
        answer[f"trend_recall_after_{months}"] = float(later["is_right"].mean())
        answer[f"trend_recall_bound_after_{months}"] = float(later["bound"].mean())
    for low, high in pairwise(SIZES):
        size = planted[planted["yearly"].between(low, high, inclusive="left")]
        answer[f"trend_recall_{low}"] = float(size["is_right"].mean())
        answer[f"trend_recall_bound_{low}"] = float(size["bound"].mean())
    return answer


def _called(market: Market, seed: int, rule: TrendRule) -> pd.DataFrame:
    """What each cell was called when as many months are mature as the window is long, and the oracle's chance."""
    last = STEP_MONTH + rule.recent_months - 1 + MATURE_AGE
    trend = measure_trends(known_at(market, seed, last), rule).trend
    if trend["recent_from"].iloc[0] != market.months[STEP_MONTH]:
        # The lag's own error may hold a month back by one refresh.
        trend = measure_trends(known_at(market, seed, last + 1), rule).trend
    providers = trend[trend["level"] == "provider"].sort_values("member_id")
    wanted = np.select([market.steps > 0, market.steps < 0], ["growing", "contracting"], "flat")
    return pd.DataFrame(
        {
            "yearly": market.yearly,
            "step": market.steps,
            "trend_class": providers["trend_class"].to_numpy(),
            "is_right": providers["trend_class"].to_numpy() == wanted,
            "bound": oracle_power(market.yearly * rule.recent_months / 12.0, market.steps),
        }
    )


def oracle_power(expected: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance that the two-sided 5 % test finds a step, of a count whose mean without it is known to be `expected` and
    whose dispersion is known too. nan where nothing was planted."""

    def law(mean: NDArray[np.float64]) -> object:
        return nbinom(mean / (DISPERSION - 1.0), 1.0 / DISPERSION)

    low = law(expected).ppf(0.025) - 1  # type: ignore[attr-defined]
    high = law(expected).isf(0.025)  # type: ignore[attr-defined]
    shifted = law(expected * (1.0 + steps))
    power = np.where(steps < 0, shifted.cdf(low), shifted.sf(high))  # type: ignore[attr-defined]
    return np.where(steps == 0, np.nan, power)


def cohort_figures(seeds: Sequence[int]) -> dict[str, float]:
    """−20 % in all of cohort A, nothing in B, 150 people each: in how many of the markets A is flagged and B is not."""
    right = 0
    for seed in seeds:
        rng = np.random.default_rng((seed, 3))
        yearly = np.exp(rng.uniform(np.log(20), np.log(500), 300))
        in_first = np.arange(300) < 150
        market = plant(seed, yearly, steps=np.where(in_first, -STEP, 0.0), step_month=STEP_MONTH)
        counts = known_at(market, seed, STEP_MONTH + 1 + MATURE_AGE)
        people = counts[counts["level"] == "provider"].rename(columns={"member_id": "npi"})
        people = people.assign(unit_id="U", health_system_id="none").drop(columns="level")
        targets = tuple(f"{number:05d}" for number in np.flatnonzero(in_first))
        comparison = CohortComparison(
            "planted", (), Cohort("A", npis=targets), Cohort("B", is_everybody_else=True)
        )
        sides = compare_cohorts(people, [comparison], {}, {}, RULE).set_index("cohort_name")
        is_fallen = sides.loc["A", "trend_class"] == "contracting" and sides.loc["A", "difference_high"] < 0
        right += int(is_fallen and sides.loc["B", "trend_class"] not in NON_FLAT)
    return {"cohort_flagged_right_share": right / len(seeds)}


def ranking_figures(seeds: Sequence[int]) -> dict[str, float]:
    """The planted hot region over ten markets a seed, and ranks of people of whom one payer is told of by a quarter."""
    markets = [planted_regions(number) for number in range(10 * len(seeds))]
    first = [
        hot_regions(market.potential, market.units, "unit", RULE.interval_level)["region_id"].iloc[0]
        == market.hot
        for market in markets
    ]
    correlations = [_two_channel_correlations(seed) for seed in seeds]
    return {
        "hot_region_first": float(np.mean(first)),
        "rank_correlation_captured": float(np.mean([before for before, _ in correlations])),
        "rank_correlation_projected": float(np.min([after for _, after in correlations])),
    }


def _two_channel_correlations(seed: int) -> tuple[float, float]:
    """Rank correlation with the true volume, before and after each channel is divided by its capture rate."""
    rng = np.random.default_rng((seed, 4))
    capture = {"medicare": 0.9, "commercial": 0.25}
    yearly = np.exp(rng.uniform(np.log(100), np.log(2_000), 500))
    part = rng.beta(1.0, 1.0, len(yearly))
    rows = []
    for channel, share in (("medicare", part), ("commercial", 1.0 - part)):
        services = rng.poisson(yearly * share * capture[channel])
        rows.append(
            pd.DataFrame(
                {
                    "product_id": "joint",
                    "npi": [f"{number:05d}" for number in range(len(yearly))],
                    "procedure_code": "none",
                    "payer_channel": channel,
                    "units": services.astype(float),
                    "billed_usd": 100.0 * services,
                    "units_squared": services.astype(float),
                    "billed_squared": 1e4 * services,
                    "charge_usd": 0.0,
                    "months_covered": 12,
                }
            )
        )
    billed = pd.concat(rows, ignore_index=True)
    before, after = (
        float(spearmanr(billing_intensity(billed, capture=given)["intensity"], yearly).statistic)
        for given in (None, capture)
    )
    return before, after


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args(arguments)
    answer = figures(range(given.seeds))
    sys.stdout.write(json.dumps({name: round(value, 4) for name, value in answer.items()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
