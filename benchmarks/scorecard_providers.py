"""Provider events planted and found again: recall, precision, by kind and by volume, beside what an oracle could find.

5,000 people, 24 completed months, 50 events of each kind a seed, on people with at least 20 procedures a quarter (the
market of pipelines/market_simulator/careers.py). An event is found where its kind is right and its month within two
months. A second market plants on smaller volumes; its recall is printed beside the oracle's and is no part of the
figures. The oracle knows the kind, the month and the true rates, and asks only whether the likelihood ratio is
large enough for the same rate of false alarms: no method can do better.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import xlogy

from pipelines.market_simulator.careers import (
    OVERDISPERSION,
    SMALL_MONTHLY,
    Careers,
    CareerSpec,
    simulate_careers,
)
from pipelines.providers.events import EventRules, provider_events
from pipelines.providers.panel import provider_panel

RULES = EventRules()
MONTHS_OFF = 2
BANDS = (0.0, 2.0, 4.0, SMALL_MONTHLY, 10.0, 20.0, 1000.0)
SMALL = {"least_monthly": 1.0, "most_monthly": SMALL_MONTHLY}


@dataclass(frozen=True)
class Scored:
    """`planted`: truth with is_found and is_oracle; `called`: events with is_true."""

    planted: pd.DataFrame
    called: pd.DataFrame


def score(spec: CareerSpec) -> Scored:
    """One market, judged."""
    market = simulate_careers(spec)
    months = market.counts["service_month"]
    panel = provider_panel(
        market.counts, str(months.min())[:7], str(months.max())[:7], RULES.least_procedures
    )
    called = provider_events(panel, market.sites, RULES)
    pairs = market.truth.merge(called, on=["npi", "event"], how="left", suffixes=("", "_called"))
    off = (pairs["event_month_called"] - pairs["event_month"]).dt.days.abs()
    pairs["is_found"] = off <= 31 * MONTHS_OFF
    found = pairs.groupby("person")["is_found"].any()
    planted = market.truth.assign(
        is_found=market.truth["person"].map(found),
        is_oracle=oracle_finds(
            market, false_alarm=RULES.false_discovery_rate * len(market.truth) / spec.providers
        ),
    )
    true = market.truth[["npi", "event"]].assign(is_true=True)
    judged = called.merge(true, on=["npi", "event"], how="left")
    return Scored(planted, judged.assign(is_true=judged["is_true"].notna()))


def oracle_finds(market: Careers, *, false_alarm: float) -> np.ndarray:
    """Which planted events a test of the two true states of a person finds (Neyman & Pearson 1933).

    P(likelihood ratio ≥ 1 / α | no event) ≤ α, so that is where it calls; the overdispersion is known to it too.
    """
    who = market.truth["person"].to_numpy()
    drawn, means, without = market.drawn[who], market.means[who], market.means_without[who]
    with np.errstate(divide="ignore"):
        ratio = (
            xlogy(drawn, np.maximum(means, 1e-9)) - xlogy(drawn, np.maximum(without, 1e-9)) - means + without
        )
    finds: np.ndarray = ratio.sum(axis=(1, 2, 3)) / OVERDISPERSION >= np.log(1 / false_alarm)
    return finds


def figures(seeds: Sequence[int]) -> dict[str, float]:
    """Recall and precision over all seeds; recall by kind; recall and the oracle's by monthly volume."""
    main = [score(CareerSpec(seed)) for seed in seeds]
    small = [score(CareerSpec(seed, **SMALL)) for seed in seeds]
    planted = pd.concat([scored.planted for scored in main])
    called = pd.concat([scored.called for scored in main])
    result = {
        "provider_event_recall": float(planted["is_found"].mean()),
        "provider_event_precision": float(called["is_true"].mean()),
        "provider_event_recall_lowest_seed": min(float(scored.planted["is_found"].mean()) for scored in main),
        "provider_event_precision_lowest_seed": min(
            float(scored.called["is_true"].mean()) for scored in main
        ),
    }
    for event, rows in planted.groupby("event"):
        result[f"provider_event_recall_{event}"] = float(rows["is_found"].mean())
    everybody = pd.concat([planted, *(scored.planted for scored in small)])
    band = pd.cut(everybody["monthly_rate"], BANDS, right=False)
    for interval, rows in everybody.groupby(band, observed=True):
        name = f"{interval.left:.0f}_to_{interval.right:.0f}_a_month"
        result[f"provider_event_recall_{name}"] = float(rows["is_found"].mean())
        result[f"provider_event_oracle_{name}"] = float(rows["is_oracle"].mean())
    return {name: round(value, 4) for name, value in result.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many markets")
    print(json.dumps(figures(range(parser.parse_args().seeds))))


if __name__ == "__main__":
    main()
