"""Completion factors, projections and the lag alarm against what was planted. Last line: one JSON object.

For every seed a market of 24 deliveries with a lag of its own for each payer channel, payers that drift and
channels that are told of
in part only: how far factors are off at the twelfth delivery, how often intervals hold the truth, whether a
shift of the lag is told
once, at once, and nothing else is. `make compare-chainladder` compares one triangle with that package.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.planted_claims import (
    FAST,
    FASTER,
    MODELS,
    SLOW,
    CompletenessModels,
    PlantedClaims,
    compiled_models,
    plant,
)
from quality.lag_shift import LagRule, lag_shifts

SEEDS = tuple(range(101, 111))
TWELFTH = 12  # deliveries
SHIFT_FROM = 12  # the thirteenth month after the history
LEAST_SERVICES = 1000.0
RULE = LagRule(least_points=5.0, window=12, least_services=LEAST_SERVICES)
DEVELOPMENT = MODELS[: MODELS.index("fct_completion_factor")]
MARKET = PlantedClaims(
    seed=0,
    history_months=12,
    volumes={"medicare": 5500, "medicaid": 4000, "commercial": 5000},
    curves={"medicare": FAST, "medicaid": SLOW, "commercial": (0.7, 0.88, 0.94, 0.97, 0.985, 0.995, 1.0)},
    capture={"medicaid": 0.6, "commercial": 0.8},
    channel_drift=0.05,
)


@dataclass(frozen=True)
class SeedScore:
    """What one seed gave. `covered` and `cells` count places and months; `bound` is the largest error of an oracle."""

    error_points: float
    bound_points: float
    covered: int
    cells: int
    shifts_told: int
    shifts_planted: int
    false_alarms: int
    alarms_possible: int


def figures(seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """`completion_error_points`, `interval_coverage` (stated: 0.9), `lag_alarm_recall`, `lag_false_alarms` and what
    bounds them. Compiles the models once.
    """
    with compiled() as sql:
        return summed([score_seed(seed, sql) for seed in seeds])


def summed(scores: Sequence[SeedScore]) -> dict[str, float]:
    planted = sum(score.shifts_planted for score in scores)
    return {
        "completion_error_points": round(max(score.error_points for score in scores), 3),
        "completion_error_bound_points": round(max(score.bound_points for score in scores), 3),
        "interval_coverage": round(sum(s.covered for s in scores) / sum(s.cells for s in scores), 4),
        "interval_level": 0.9,
        "lag_alarm_recall": round(sum(score.shifts_told for score in scores) / planted, 4),
        "lag_false_alarms": float(sum(score.false_alarms for score in scores)),
        "lag_alarms_possible": float(sum(score.alarms_possible for score in scores)),
        "seeds": float(len(scores)),
    }


def score_seed(seed: int, sql: Mapping[str, str]) -> SeedScore:
    """A steady market, and the same one with a lag that shifts: sooner for even seeds, later for odd ones."""
    steady = replace(MARKET, seed=seed)
    shifted = replace(
        steady, shift_from=SHIFT_FROM, shifted=FASTER if seed % 2 == 0 else SLOW, curves=_fast_everywhere()
    )
    services = plant(steady)
    with CompletenessModels(sql) as models:
        models.run(steady, services, TWELFTH - 1)
        error, bound = completion_error(models, steady, services)
        covered, cells = coverage(models, steady, services, TWELFTH - 1)
        models.run(steady, services, steady.refreshes - 1, DEVELOPMENT)
        quiet = alarms(models, steady)
        models.run(shifted, plant(shifted), shifted.refreshes - 1, DEVELOPMENT)
        loud = alarms(models, shifted)
    # Its first month is known by the delivery after next, and the one after shows the step; one later is still in time.
    first = SHIFT_FROM + 3
    in_time = [delivery for delivery in loud if first <= delivery <= first + 1]
    return SeedScore(
        error,
        bound,
        covered,
        cells,
        shifts_told=min(len(in_time), 1),
        shifts_planted=1,
        false_alarms=len(quiet) + len(loud) - min(len(in_time), 1),
        alarms_possible=2 * (steady.refreshes - 2),
    )


def _fast_everywhere() -> dict[str, Sequence[float]]:
    return dict.fromkeys(MARKET.curves, FAST)


def completion_error(
    models: CompletenessModels, spec: PlantedClaims, services: pd.DataFrame
) -> tuple[float, float]:
    """The largest |factor - planted share| over claim types, channels and ages, in points; and that of an
    oracle who counts, with all
    that will ever be known, the share that was known of the months that factors may look at.
    """
    factors = models.frame("opportunity.fct_completion_factor")
    error = 0.0
    for row in factors.itertuples():
        curve = spec.curves[row.payer_channel]
        error = max(error, abs(row.completion_factor - curve[min(row.age_months, len(curve) - 1)]))
    told = services[services["refresh"] >= 0]
    # From here on a month's first delivery was a step, not history.
    window = told[
        (told["month"] >= spec.history_months) & (told["month"] < spec.history_months + TWELFTH - 1)
    ]
    age = window["refresh"] - (window["month"] - spec.history_months + 1)
    bound = 0.0
    for (_, channel), ages in age.groupby([window["claim_type"], window["channel"]]):
        for number, share in enumerate(spec.curves[str(channel)]):
            bound = max(bound, abs(float((ages <= number).mean()) - share))
    return 100 * error, 100 * bound


def coverage(
    models: CompletenessModels, spec: PlantedClaims, services: pd.DataFrame, refresh: int
) -> tuple[int, int]:
    """Places and months (over, since the history, with something still unseen) whose interval holds the true
    volume; all of them.
    """
    rows = models.frame("opportunity.fct_completeness", "payer_channel = 'all'")
    months = {pd.Timestamp(spec.service_month(number)): number for number in range(spec.months)}
    rows["month"] = [months[month] for month in rows["service_month"]]
    rows["cell"] = rows["product_id"].str[-3:].astype(int)
    rows = rows[(rows["month"] >= spec.history_months) & (rows["month"] < spec.history_months + refresh)]
    true = services.groupby(["cell", "month"]).size()
    happened = true.reindex(pd.MultiIndex.from_frame(rows[["cell", "month"]])).to_numpy()
    # A projection is no whole number, the truth is: an end within half of it holds it.
    low, high = (rows[name].to_numpy(dtype=float) for name in ("projected_low", "projected_high"))
    inside = (np.round(low) <= happened) & (happened <= np.round(high))
    return int(inside.sum()), len(rows)


def alarms(models: CompletenessModels, spec: PlantedClaims) -> list[int]:
    """The delivery of each incident that would have been raised, had each delivery been judged when it came."""
    steps = models.frame("intermediate.int_development__expected")
    found = []
    for delivery in range(2, spec.refreshes + 1):
        known = steps[steps["delivery"] <= delivery].assign(is_last=steps["delivery"] == delivery)
        found += [delivery] * len(lag_shifts(known, RULE, refresh_id=str(delivery)))
    return found


@contextmanager
def compiled() -> Iterator[dict[str, str]]:
    """The models' SQL, compiled into a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="claimline-completeness-") as name:
        folder = Path(name)
        places = {
            "CLAIMLINE_LAKE": folder / "lake",
            "CLAIMLINE_WAREHOUSE": folder / "claimline.duckdb",
            "DBT_TARGET_PATH": folder / "target",
            "DBT_LOG_PATH": folder / "logs",
        }
        before = {key: os.environ.get(key) for key in places}
        os.environ.update({key: str(path) for key, path in places.items()})
        try:
            yield compiled_models()
        finally:
            for key, value in before.items():
                os.environ.pop(key) if value is None else os.environ.update({key: value})


def compare_with_chainladder(python: str, seed: int = SEEDS[0]) -> dict[str, float]:
    """The largest differences from the package `chainladder`, run by the interpreter `python`, on one triangle (Medicare,
    professional claims, 24 deliveries): of link ratios, of completion factors, and of sigma where ours
    stands on Mack's alone.
    """
    spec = replace(MARKET, seed=seed, history_months=1, refreshes=25, capture={})
    with compiled() as sql, CompletenessModels(sql) as models:
        models.run(spec, plant(spec), spec.refreshes - 1, DEVELOPMENT)
        where = "claim_type = 'professional' and payer_channel = 'medicare'"
        triangle = models.frame("intermediate.int_development__counted", where)
        ratios = models.frame(
            "intermediate.int_development__ratios", f"{where} and delivery = {spec.refreshes}"
        )
    with tempfile.TemporaryDirectory(prefix="claimline-triangle-") as folder:
        file = Path(folder) / "triangle.csv"
        triangle[["service_month", "delivery_month", "services"]].to_csv(file, index=False)
        script = Path(__file__).with_name("chainladder_reference.py")
        done = subprocess.run(
            [python, str(script), str(file), str(RULE.window)], check=True, capture_output=True, text=True
        )
    theirs = {name: np.array(values) for name, values in json.loads(done.stdout).items()}
    ours = ratios.sort_values("age_months").set_index("age_months")
    ages = ours.index[ours.index < len(theirs["link_ratio"])]
    theirs = {name: values[ages] for name, values in theirs.items()}
    ours = ours.loc[ages]
    is_macks = ((ours["excess"] > 0) & (ours["months"] > 1)).to_numpy()
    sigma = np.sqrt((ours["chance"] + ours["excess"]).to_numpy())
    factors = [
        1 / np.cumprod(values[::-1]) for values in (theirs["link_ratio"], ours["link_ratio"].to_numpy())
    ]
    return {
        "ages": float(len(ages)),
        "link_ratio_difference": float(np.abs(theirs["link_ratio"] - ours["link_ratio"]).max()),
        "completion_factor_difference": float(np.abs(factors[0] - factors[1]).max()),
        "sigmas_compared": float(is_macks.sum()),
        "sigma_difference": float(np.abs(theirs["sigma"] - sigma)[is_macks].max(initial=0.0)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Completeness: planted against recovered")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many seeds")
    parser.add_argument(
        "--chainladder", metavar="PYTHON", help="compare one triangle with that package, in this interpreter"
    )
    options = parser.parse_args()
    if options.chainladder:
        print(json.dumps(compare_with_chainladder(options.chainladder)))
        return 0
    print(json.dumps(figures(range(SEEDS[0], SEEDS[0] + options.seeds))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
