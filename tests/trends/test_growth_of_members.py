"""Trends where the answer is known: by hand, by construction, and by what must not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_series import RULE, Volume, counts_of

from pipelines.trends.calendar import month_days
from pipelines.trends.classify import CLASSES, trend_classes
from pipelines.trends.shrinkage import shrink
from pipelines.trends.trend import measure_trends

DEDUCTIBLE = 1.38


def per_working_day(rate: float) -> Volume:
    def volume(month: pd.Timestamp) -> float:
        return rate * float(month_days(pd.DatetimeIndex([month]))["working_days"].iloc[0])

    return volume


def row(trend: pd.DataFrame, member: str, level: str = "provider") -> pd.Series:
    return trend[(trend["level"] == level) & (trend["member_id"] == member)].iloc[0]


def test_a_constant_daily_rate_is_flat_from_february_to_march() -> None:
    """100 a working day, always; the recent months are February and March 2026 (19 and 22 days): growth 0 (T26)."""
    result = measure_trends(counts_of({"A": per_working_day(100.0)}, months=39), RULE).trend
    found = row(result, "A")
    assert (found["recent_from"], found["recent_to"]) == (
        pd.Timestamp("2026-02-01"),
        pd.Timestamp("2026-03-01"),
    )
    assert found["recent_procedures"] == 4100
    assert found["method"] == "season"
    assert abs(found["own_growth_share"]) < 0.002
    assert found["trend_class"] == "flat"


def test_december_to_january_is_flat_in_every_january() -> None:
    """Commercial volume climbs by 38 % from January to December and falls by 27.6 % in January: never a trend (T25)."""

    def deductible(month: pd.Timestamp) -> float:
        return per_working_day(100.0)(month) * DEDUCTIBLE ** ((month.month - 1) / 11)

    for months in (49, 50, 61):
        found = row(
            measure_trends(counts_of({"A": deductible}, first="2022-01-01", months=months), RULE).trend, "A"
        )
        assert found["trend_class"] == "flat"
        assert abs(found["own_growth_share"]) < 0.005
    # The rate fell by 27.6 %; working days alone do not explain it.
    assert abs(1 / DEDUCTIBLE - 1 + 0.276) < 0.001


def test_a_season_is_told_from_growth() -> None:
    """5 % growth a year on top of the season: factors keep their mean of 1 and January ÷ December, growth is 5 %."""

    def growing(month: pd.Timestamp) -> float:
        years = (month - pd.Timestamp("2022-01-01")).days / 365.25
        return 1e4 * DEDUCTIBLE ** ((month.month - 1) / 11) * 1.05**years * per_working_day(1.0)(month)

    result = measure_trends(counts_of({"A": growing}, first="2022-01-01", months=50), RULE)
    factor = result.season_factor["factor"].to_numpy()
    assert factor.mean() == pytest.approx(1.0)
    assert factor[11] / factor[0] == pytest.approx(DEDUCTIBLE, rel=0.01)
    assert result.season_factor["yearly_growth_share"].iloc[0] == pytest.approx(0.05, abs=0.003)
    # The recent window's middle lies 7 months after the base's.
    assert row(result.trend, "A")["own_growth_share"] == pytest.approx(1.05 ** (7 / 12) - 1, abs=0.005)


def test_under_two_years_the_same_months_are_compared() -> None:
    """With 16 months there is no season: February and March against February and March a year before, by hand."""
    volumes = per_working_day(10.0)

    def doubled(month: pd.Timestamp) -> float:
        return volumes(month) * (2 if month >= pd.Timestamp("2024-03-01") else 1)

    result = measure_trends(counts_of({"A": doubled, "B": volumes}, first="2023-01-01", months=16), RULE)
    found = row(result.trend, "A")
    assert found["method"] == "same_months"
    assert (found["base_from"], found["base_to"]) == (pd.Timestamp("2023-03-01"), pd.Timestamp("2023-04-01"))
    assert found["own_growth_share"] == pytest.approx(1.0, abs=0.01)
    assert found["trend_class"] == "growing"
    assert result.season_factor.empty


def test_too_few_months_have_no_trend() -> None:
    """Thirteen months hold no two windows of two that a year lies between."""
    assert measure_trends(counts_of({"A": per_working_day(9.0)}, months=13), RULE).trend.empty


def test_a_channel_that_left_or_joined_takes_no_part() -> None:
    """Medicaid stops in the last two months and Medicare begins five months ago: commercial alone is compared (T22)."""
    steady = per_working_day(20.0)
    parts = [
        counts_of({"A": steady}),
        counts_of(
            {"A": lambda m: steady(m) * (m < pd.Timestamp("2026-01-01"))}, series=("claims", "medicaid")
        ),
        counts_of({"A": lambda m: steady(m) * (m > pd.Timestamp("2025-09-01"))}, series=("open", "medicare")),
    ]
    found = row(measure_trends(pd.concat(parts, ignore_index=True), RULE).trend, "A")
    assert found["panel_excluded"] == "claims/medicaid, open/medicare"
    assert abs(found["own_growth_share"]) < 0.01
    assert found["recent_procedures"] == 20 * (20 + 19)


def test_volume_that_changes_payer_is_flat() -> None:
    """A tenth of fee-for-service moves to Advantage within the window: summed over channels, nothing happened (T23)."""
    steady = per_working_day(50.0)

    def moved(month: pd.Timestamp) -> float:
        return 0.3 if month >= pd.Timestamp("2026-01-01") else 0.2

    parts = [
        counts_of({"A": lambda m: steady(m) * (1 - moved(m))}, series=("ffs", "medicare")),
        counts_of({"A": lambda m: steady(m) * moved(m)}, series=("advantage", "medicare")),
    ]
    found = row(measure_trends(pd.concat(parts, ignore_index=True), RULE).trend, "A")
    assert found["trend_class"] == "flat"
    assert abs(found["own_growth_share"]) < 0.02


def test_months_that_are_not_known_yet_take_no_part() -> None:
    """The last month is known by 60 %: the window ends before it. One known by 85 % is completed and takes part."""
    counts = counts_of({"A": per_working_day(100.0)}, months=39)
    for month, known in (("2026-03-01", 0.6), ("2026-02-01", 0.85)):
        at = counts["service_month"] == pd.Timestamp(month)
        counts.loc[at, "procedures"] *= known
        counts.loc[at, "completeness_share"] = known
    found = row(measure_trends(counts, RULE).trend, "A")
    assert found["recent_to"] == pd.Timestamp("2026-02-01")
    assert abs(found["own_growth_share"]) < 0.002


def test_a_few_procedures_do_not_alarm_and_a_large_fall_does() -> None:
    """Of 200 members with 20 a quarter at random, at most 5 % are called contracting (T21); one that lost a third of 900
    a month is."""
    rng = np.random.default_rng(5)
    members = {f"{number:03d}": lambda month: rng.poisson(20 / 3) for number in range(200)}
    steady = per_working_day(43.0)
    members["large"] = lambda m: steady(m) * (2 / 3 if m >= pd.Timestamp("2026-01-01") else 1)
    result = measure_trends(counts_of(members), RULE).trend
    small = result[(result["level"] == "provider") & (result["member_id"] != "large")]
    assert (small["trend_class"] == "contracting").mean() <= 0.05
    # By chance alone half of them moved by a fifth: that is the trap.
    assert (small["own_growth_share"].abs() >= 0.2).mean() > 0.4
    assert (small["trend_class"] == "undetermined").mean() > 0.9
    assert row(result, "large")["trend_class"] == "contracting"


def test_the_order_of_rows_changes_nothing() -> None:
    """The same counts in another order give the same bytes."""
    counts = counts_of({"A": per_working_day(9.0), "B": per_working_day(3.0)})
    first = measure_trends(counts, RULE)
    second = measure_trends(counts.sample(frac=1.0, random_state=1), RULE)
    pd.testing.assert_frame_equal(first.trend, second.trend, check_exact=True)
    pd.testing.assert_frame_equal(first.season_factor, second.season_factor, check_exact=True)


@settings(max_examples=60, deadline=None)
@given(
    estimates=st.lists(st.floats(-3, 3), min_size=1, max_size=30),
    noise=st.floats(0.001, 1.0),
    usual=st.floats(0.02, 0.5),
)
def test_shrinking_never_overshoots(estimates: list[float], noise: float, usual: float) -> None:
    """Every posterior mean lies within the estimates, its interval around it, and order is kept under equal noise."""
    given_values = np.array(estimates)
    posterior = shrink(given_values, np.full(len(estimates), noise), usual)
    mean = posterior.mean
    slack = 1e-7 + 1e-6 * np.abs(given_values).max()
    assert (mean >= given_values.min() - slack).all()
    assert (mean <= given_values.max() + slack).all()
    assert (posterior.quantile(0.05) <= mean + slack).all()
    assert (posterior.quantile(0.95) >= mean - slack).all()
    order = np.argsort(given_values)
    assert (np.diff(mean[order]) >= -slack).all()


def test_the_posterior_of_one_normal_is_the_textbooks() -> None:
    """1,000 members with truth N(0.1, 0.2²) and noise 0.1: shrunk by 0.04 ÷ 0.05, interval covering 90 %."""
    rng = np.random.default_rng(2)
    truth = rng.normal(0.1, 0.2, 1000)
    seen = truth + rng.normal(0, 0.1, 1000)
    posterior = shrink(seen, np.full(1000, 0.01), 0.2)
    slope = np.polyfit(seen, posterior.mean, 1)[0]
    assert slope == pytest.approx(0.8, abs=0.03)
    inside = (posterior.quantile(0.05) <= truth) & (truth <= posterior.quantile(0.95))
    assert inside.mean() == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(
    ("low", "high", "own", "expected"),
    [
        (-0.05, 0.05, 0.1, "flat"),
        (0.02, 0.09, 0.1, "flat"),  # known to grow, by what does not matter
        (0.02, 0.15, 0.1, "growing"),
        (-0.15, -0.02, 0.1, "contracting"),
        (-0.02, 0.15, 0.1, "undetermined"),
        (-0.05, 0.05, 0.6, "undetermined"),  # flat only by the company it keeps
        (np.nan, np.nan, np.nan, "undetermined"),
    ],
)
def test_the_four_words(low: float, high: float, own: float, expected: str) -> None:
    """Each class by hand, with a tenth as flat."""
    found = trend_classes(
        np.array([low]), np.array([high]), np.array([own]), flat_share=0.1, max_interval_share=0.35
    )
    assert list(found) == [expected]
    assert expected in CLASSES
