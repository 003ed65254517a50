"""Did the lag change? A shift of the time that claims take to reach us, told apart from a change of volume.

Belongs here: the latest steps of the development triangles against what the factors before them led to
expect, and when that is
an incident (docs/methods/opportunity.md, section 1). Does not belong here: volumes (`supply`), or the factors (dbt).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from pipelines.config.model import Setting
from quality.incidents import Incident
from quality.thresholds import configured

CHANCE_P_VALUE = 0.001
COMPLETE = 0.995
"""Steps from which on hardly anything comes are no sign of the lag: what comes there is restated history."""
SAME_SHIFT_DELIVERIES = 3
"""Triangles of a source that turn so soon after another, the same way, turn with it."""
TRIANGLE = ["source", "claim_type", "payer_channel"]
STEP_COLUMNS = (
    *TRIANGLE,
    "delivery",
    "delivery_month",
    "is_last",
    "age_months",
    "earlier_services",
    "services",
    "expected_ratio",
    "expected_ratio_variance",
    "expected_completion",
)


@dataclass(frozen=True)
class LagRule:
    """`least_points`: how far completeness at the youngest age must have moved, in points. `window`: deliveries that the
    factors look back; a triangle that turned within it is still turning. `least_services`: known before the step.
    """

    least_points: float
    window: int
    least_services: float

    @classmethod
    def from_settings(cls, settings: Mapping[str, Setting]) -> LagRule:
        return cls(
            least_points=configured("lag_shift_points", settings),
            window=int(configured("completion_window_refreshes", settings)),
            least_services=configured("completion_min_services", settings),
        )


def no_steps() -> pd.DataFrame:
    """What a market without claim lines has of `int_development__expected`."""
    return pd.DataFrame({name: [] for name in STEP_COLUMNS})


def lag_shifts(steps: pd.DataFrame, rule: LagRule, *, refresh_id: str) -> list[Incident]:
    """Non-blocking incidents of kind `lag_shift`, one a source and direction, at the delivery that shows a shift first.

    `steps`: rows of `int_development__expected`, all deliveries. A shift is told once: while a triangle keeps turning the
    same way, and where others of its source follow within `SAME_SHIFT_DELIVERIES`, nothing more is said.
    """
    if steps.empty:
        return []
    turns = turned(steps, rule)
    last = steps[steps["is_last"].astype(bool)].groupby("source")["delivery"].max()
    incidents = []
    for source, delivery in last.sort_index().items():
        of_source = turns[turns["source"] == source]
        for direction in (1, -1):
            alike = of_source[of_source["direction"] == direction]
            now = alike[alike["delivery"] == delivery]
            earlier = alike[alike["delivery"] < delivery]
            still = earlier[earlier["delivery"] >= delivery - rule.window]
            told = set(map(tuple, still[TRIANGLE].to_numpy()))
            new = now[[tuple(row) not in told for row in now[TRIANGLE].to_numpy()]]
            if len(new) and not (earlier["delivery"] >= delivery - SAME_SHIFT_DELIVERIES).any():
                incidents.append(_incident(refresh_id, str(source), new, direction))
    return incidents


def turned(steps: pd.DataFrame, rule: LagRule) -> pd.DataFrame:
    """Triangles and deliveries whose steps left the expected: source, claim_type, payer_channel, delivery,
    delivery_month,
    p_value, known_share, expected_share (of a month at the youngest age), direction (1 sooner, -1 later).

    X² = Σ (grown - expected)² ÷ variance over the ages of a diagonal. The variance is that of a Poisson count of the
    growth, given what was known before, plus that of the ratio, which holds how months differ from each other. Of the
    completeness at the youngest age, the product of the observed ratios is set against that of the expected ones.
    """
    young = steps[(steps["expected_completion"] < COMPLETE) & (steps["earlier_services"] > 0)].copy()
    known = young["earlier_services"].to_numpy(dtype=float)
    ratio = young["expected_ratio"].to_numpy(dtype=float)
    variance = known * ratio * (ratio - 1) + known**2 * young["expected_ratio_variance"].to_numpy(dtype=float)
    young["square"] = (young["services"].to_numpy(dtype=float) - known * ratio) ** 2 / np.where(
        variance > 0, variance, np.inf
    )
    young["observed_log"] = np.log(young["services"].to_numpy(dtype=float) / known)
    young["expected_log"] = np.log(ratio)
    young["youngest"] = young["age_months"]
    diagonals = (
        young.sort_values([*TRIANGLE, "delivery", "age_months"], kind="stable")
        .groupby([*TRIANGLE, "delivery", "delivery_month"], as_index=False)
        .agg(
            squares=("square", "sum"),
            ages=("square", "size"),
            observed=("observed_log", "sum"),
            expected=("expected_log", "sum"),
            earlier_services=("earlier_services", "first"),
            expected_share=("expected_completion", "first"),
        )
    )
    diagonals["p_value"] = chi2.sf(diagonals["squares"], diagonals["ages"])
    shift = np.exp(diagonals["expected"] - diagonals["observed"])
    diagonals["known_share"] = np.minimum(diagonals["expected_share"] * shift, 1.0)
    points = 100 * (diagonals["known_share"] - diagonals["expected_share"])
    diagonals["direction"] = np.sign(points).astype(int)
    is_turned = (
        (diagonals["p_value"] < CHANCE_P_VALUE)
        & (points.abs() > rule.least_points)
        & (diagonals["earlier_services"] >= rule.least_services)
    )
    return diagonals[is_turned].reset_index(drop=True)


def _incident(refresh_id: str, source: str, turns: pd.DataFrame, direction: int) -> Incident:
    weight = turns["earlier_services"].to_numpy(dtype=float)
    known = float(np.average(turns["known_share"], weights=weight))
    expected = float(np.average(turns["expected_share"], weights=weight))
    channels = ", ".join(sorted(turns["payer_channel"].astype(str).unique()))
    month = pd.Timestamp(turns["delivery_month"].iloc[0]).strftime("%Y-%m")
    evidence = (
        f"Source {source}, delivery of {month}: claims ({channels}) now come"
        f" {'sooner' if direction > 0 else 'later'}, a month just over is known to {known:.0%} where"
        f" earlier deliveries led to"
        f" expect {expected:.0%} (p < {CHANCE_P_VALUE:g}); the lag moved, not the volume, and completion factors follow."
    )
    return Incident(refresh_id, "lag_shift", f"source {source}, lag", known, expected, evidence, False)
