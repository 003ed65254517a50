"""Completeness on planted lags (traps T7, T8, T9, T23): the triangle is the planted one, factors come close,
projections add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from dbt_runs import Warehouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.planted_claims import (
    CHANNELS,
    FAST,
    MODELS,
    SLOW,
    CompletenessModels,
    PlantedClaims,
    compiled_models,
    plant,
)
from quality.lag_shift import LagRule, lag_shifts, turned

DEVELOPMENT = MODELS[: MODELS.index("fct_completion_factor")]
RULE = LagRule(least_points=5, window=12, least_services=1000)
STEADY = PlantedClaims(seed=11, history_months=14, refreshes=13, cells=8, capture={"medicaid": 0.5})


@pytest.fixture(scope="module")
def compiled(warehouse: Warehouse) -> dict[str, str]:
    assert warehouse  # it says where dbt writes
    return compiled_models()


@pytest.fixture
def models(compiled: dict[str, str]) -> Iterator[CompletenessModels]:
    with CompletenessModels(compiled) as running:
        yield running


def true_triangle(spec: PlantedClaims, services: pd.DataFrame, refresh: int) -> pd.Series:
    """Services of (claim type, channel, month) known by a refresh, counted from what was planted."""
    told = services[(services["refresh"] >= 0) & (services["refresh"] <= refresh)]
    return told.groupby(["claim_type", "channel", "month"]).size()


def sums_that_differ(models: CompletenessModels) -> int:
    """Products and months whose channels do not add up to `all` exactly, as decimals."""
    signs = "case when payer_channel = 'all' then 1 else -1 end"
    measures = ("captured_procedures", "projected_procedures")
    differs = " or ".join(f"sum({signs} * {measure}) <> 0" for measure in measures)
    return len(
        models.connection.execute(
            "select product_id from claimline.opportunity.fct_completeness"
            f" group by product_id, service_month having {differs}"
        ).fetchall()
    )


def test_the_triangle_is_the_planted_one_and_factors_find_the_lag(models: CompletenessModels) -> None:
    """T7, T8: no paid date is needed; by the twelfth delivery every factor is within two points of the planted curve."""
    services = plant(STEADY)
    models.run(STEADY, services, STEADY.refreshes - 1)
    counted = models.frame("intermediate.int_development__counted")
    for delivery in (1, 5, 13):
        found = counted[counted["delivery"] == delivery].set_index(
            ["claim_type", "payer_channel", "service_month"]
        )
        true = true_triangle(STEADY, services, delivery - 1)
        over = true[true.index.get_level_values("month") < STEADY.history_months + delivery - 1]
        over.index = over.index.map(lambda key: (*key[:2], pd.Timestamp(STEADY.service_month(key[2]))))
        assert len(over) > 70
        assert (found["services"].reindex(over.index) == over).all()
    factors = models.frame("opportunity.fct_completion_factor")
    for row in factors.itertuples():
        curve = STEADY.curve(row.payer_channel, 0)
        true_share = curve[min(row.age_months, len(curve) - 1)]
        assert abs(row.completion_factor - true_share) < 0.02, row
    assert (
        factors.groupby(["claim_type", "payer_channel"])["completion_factor"]
        .apply(lambda ages: ages.is_monotonic_increasing)
        .all()
    )
    tested = models.frame("reporting.mart_completion_backtest", "not is_suppressed")
    late = tested[tested["delivery_month"] >= tested["delivery_month"].max()]
    assert len(late) > 50
    assert late["error_points"].abs().max() < 5  # a single month's own luck is in it


def test_channels_add_up_and_a_fall_of_one_payer_is_none_of_all(models: CompletenessModels) -> None:
    """T7, T23: Medicare loses 20 % a year to Medicaid, half of which is never told; projected and summed
    nothing falls.
    """
    spec = replace(STEADY, channel_drift=0.2, refreshes=16)
    services = plant(spec)
    models.run(spec, services, spec.refreshes - 1)
    rows = models.frame("opportunity.fct_completeness")
    assert sums_that_differ(models) == 0
    assert (rows["projected_procedures"] >= rows["captured_procedures"]).all()
    nation = rows.groupby(["payer_channel", "service_month"])[
        ["captured_procedures", "projected_procedures"]
    ].sum()
    month = [pd.Timestamp(spec.service_month(number)) for number in range(spec.months - 1)]

    def change(channel: str, column: str) -> float:
        series = nation.loc[channel].reindex(month)[column].astype(float)
        return float(series.iloc[-3:].mean() / series.iloc[-15:-3].mean() - 1)

    assert change("medicare", "projected_procedures") < -0.08
    assert change("all", "captured_procedures") < -0.1  # what a naive count would call a decline
    assert abs(change("all", "projected_procedures")) < 0.02


def told_shifts(models: CompletenessModels, spec: PlantedClaims) -> list[tuple[int, str]]:
    """(delivery, evidence) of the incidents that each delivery would have raised."""
    models.run(spec, plant(spec), spec.refreshes - 1, DEVELOPMENT)
    steps = models.frame("intermediate.int_development__expected")
    found = []
    for delivery in range(2, spec.refreshes + 1):
        known = steps[steps["delivery"] <= delivery].assign(
            is_last=lambda rows, at=delivery: rows["delivery"] == at
        )
        found += [(delivery, item) for item in lag_shifts(known, RULE, refresh_id=f"r{delivery}")]
    assert all(item.kind == "lag_shift" and not item.is_blocking for _, item in found)
    return [(delivery, item.evidence) for delivery, item in found]


def test_a_shifted_lag_is_told_once(models: CompletenessModels) -> None:
    """T9: the months after the twelfth delivery come sooner: one incident, at the first delivery that can show it."""
    spec = PlantedClaims(seed=5, history_months=14, shift_from=12, refreshes=20, cells=2)
    ((delivery, evidence),) = told_shifts(models, spec)
    # Month 13 is first known by delivery 14; delivery 15 shows how little was left to come.
    assert delivery == 15
    assert "now come sooner" in evidence
    assert evidence.count(".") == 2  # one sentence, and the point of p < 0.001
    factors = models.frame("intermediate.int_development__factors", "delivery = 20 and age_months = 0")
    assert factors["completion_factor"].max() > 0.63  # it is followed


def test_a_lag_that_stays_raises_nothing(models: CompletenessModels) -> None:
    """T9: a steady lag, whatever the volume does."""
    growing = PlantedClaims(seed=6, history_months=14, refreshes=14, cells=2, channel_drift=0.3)
    assert told_shifts(models, growing) == []


def test_a_thin_triangle_tells_nothing_alone() -> None:
    """Thirty services that came sooner are luck."""
    steps = pd.DataFrame(
        {
            "source": "s",
            "claim_type": "professional",
            "payer_channel": "medicare",
            "delivery": 3,
            "delivery_month": pd.Timestamp("2024-04-01"),
            "is_last": True,
            "age_months": [0, 1],
            "earlier_services": [volume := 300, 500],
            "services": [volume * 3, 510],
            "expected_ratio": [1.5, 1.02],
            "expected_ratio_variance": [1e-5, 1e-6],
            "expected_completion": [0.65, 0.98],
        }
    )
    assert turned(steps, RULE).empty
    assert len(turned(steps, replace(RULE, least_services=100))) == 1


@given(
    seed=st.integers(0, 10**6),
    volume=st.integers(1, 40),
    capture=st.floats(0.05, 1),
    refreshes=st.integers(1, 6),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_factors_are_shares_and_projections_never_fall_below_what_was_seen(
    models: CompletenessModels, seed: int, volume: int, capture: float, refreshes: int
) -> None:
    """Whatever small thing was planted: 0 < factor <= 1, rising with age; captured <= low <= high; channels
    sum exactly.
    """
    spec = PlantedClaims(
        seed=seed,
        volumes=dict.fromkeys(CHANNELS, volume),
        curves=dict(zip(CHANNELS, (FAST, SLOW, (0.5, 1.0)), strict=True)),
        capture={"medicare": round(capture, 3)},
        history_months=4,
        refreshes=refreshes,
        cells=3,
    )
    models.run(spec, plant(spec), refreshes - 1)
    factors = models.frame("opportunity.fct_completion_factor").sort_values("age_months")
    assert ((factors["completion_factor"] > 0) & (factors["completion_factor"] <= 1)).all()
    for _, ages in factors.groupby(["claim_type", "payer_channel"]):
        assert (np.diff(ages["completion_factor"]) >= 0).all()
    assert factors["is_known"].all() == (refreshes > 1)
    rows = models.frame("opportunity.fct_completeness")
    assert (rows["captured_procedures"] <= rows["projected_low"]).all()
    assert (rows["projected_low"] <= rows["projected_high"]).all()
    assert (rows["captured_procedures"] <= rows["projected_procedures"]).all()
    assert sums_that_differ(models) == 0


def test_the_same_services_in_another_order_make_the_same_factors(models: CompletenessModels) -> None:
    """Sums do not depend on the order of rows."""
    spec = replace(STEADY, refreshes=6, volumes=dict.fromkeys(CHANNELS, 300))
    services = plant(spec)
    found = []
    for rows in (services, services.sample(frac=1, random_state=1)):
        models.run(spec, rows, 5)
        found.append(
            (models.frame("opportunity.fct_completion_factor"), models.frame("opportunity.fct_completeness"))
        )
    for one, other in zip(*found, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
