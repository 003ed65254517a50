"""Territory drift: planted changes are found and named, everything national cancels, verdicts say what they
mean.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from territory_counts import (
    PRICES,
    RULE,
    SETTINGS,
    as_frame,
    monthly_means,
    overdispersed,
    territory_ids,
    windows_after,
)

from quality.drift import TABLE_COLUMNS, DriftReport, drift_contributions, measure_drift
from quality.table_registry import TABLES

PRODUCTS = ["implant", "injection"]


def planted(factor: float, *, seed: int = 1, territories: int = 30, test_months: int = 3) -> pd.DataFrame:
    """300 events a month per territory and product; T07 multiplied by `factor` in the test months."""
    random, windows = np.random.default_rng(seed), windows_after(test_months)
    counts = {}
    for product in PRODUCTS:
        means = monthly_means(random, territories, windows, 300)
        means[6, len(windows.baseline) :] *= factor
        counts[product] = overdispersed(random, means, 1.3)
    return as_frame(counts, windows)


def report(
    frame: pd.DataFrame, *, territories: int = 30, test_months: int = 3, **options: bool
) -> DriftReport:
    return measure_drift(
        frame,
        windows_after(test_months),
        RULE,
        territories=territory_ids(territories),
        products=PRODUCTS,
        **options,
    )


@pytest.mark.parametrize("test_months", [1, 3])
def test_a_planted_shift_is_the_only_one_found(test_months: int) -> None:
    """+70 % in one of 30 territories: exactly it drifts, in every measure, and the other 29 are stable."""
    found = report(planted(1.7, test_months=test_months), test_months=test_months).table
    drifted = found[found["verdict"] == "drift"]
    assert set(drifted["territory_id"]) == {"T07"}
    assert set(drifted["measure"]) == {"all", "implant", "injection"}
    assert set(found.loc[found["territory_id"] != "T07", "verdict"]) == {"stable"}


def test_the_effect_of_the_shift_is_estimated_not_diluted() -> None:
    """The reported change lies near +70 % and inside its interval; the others do not seem to shrink."""
    details = report(planted(1.7)).details
    mine = details[details["territory_id"] == "T07"]
    assert mine["change_share"].between(0.60, 0.80).all()
    assert (mine["change_low_share"] <= 0.7).all()
    assert (mine["change_high_share"] >= 0.7).all()
    others = details.loc[details["territory_id"] != "T07", "change_share"]
    assert abs(others.mean()) < 0.01


def test_a_fall_is_found_too() -> None:
    """−40 % is drift with a negative change."""
    found = report(planted(0.6)).table
    drifted = found[found["is_drift"]]
    assert set(drifted["territory_id"]) == {"T07"}
    assert (drifted["change_share"] < -0.3).all()


def test_several_territories_may_drift_without_bending_the_rest() -> None:
    """Six of 30 territories at +70 %: those six, and nobody else looks like shrinking."""
    frame = planted(1.0)
    changed = [f"T{place:02d}" for place in range(1, 7)]
    is_test = frame["service_month"] > windows_after(3).baseline[-1]
    for column in ("procedures", "total_usd"):
        frame.loc[frame["territory_id"].isin(changed) & is_test, column] *= 1.7
    found = report(frame).table
    assert sorted(set(found.loc[found["is_drift"], "territory_id"])) == changed


def test_no_shift_no_drift() -> None:
    """Unequal territories, season, growth and a reporting lag that all share: no drift anywhere."""
    found = report(planted(1.0)).table
    assert not found["is_drift"].any()
    assert set(found["verdict"]) == {"stable"}


def test_a_national_move_between_products_is_no_territory_drift() -> None:
    """One product doubles in the whole nation: territories rich in it gain dollars, yet none has drifted."""
    frame = planted(1.0)
    rich = frame["territory_id"].isin(territory_ids(10)) & (frame["product_id"] == "implant")
    grown = (frame["product_id"] == "implant") & (frame["service_month"] > windows_after(3).baseline[-1])
    for column in ("procedures", "total_usd"):
        frame.loc[rich, column] *= 3
        frame.loc[grown, column] *= 2
    assert not report(frame).table["is_drift"].any()


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_show(shuffler: object) -> None:
    """Any permutation of the rows gives the same table, bit for bit."""
    frame = SHUFFLED_SOURCE
    order = list(range(len(frame)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(
        small_report(frame.iloc[order]).details, small_report(frame).details, check_exact=True
    )


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.05, 20),
    st.lists(st.floats(0.3, 3), min_size=3, max_size=3),
    st.lists(st.integers(50, 500), min_size=8, max_size=8),
)
def test_scaling_the_nation_is_no_drift(factor: float, months: list[float], sizes: list[int]) -> None:
    """Multiplying all territories by any factor, month by month, changes no share and so is never drift."""
    windows = windows_after(3)
    level = np.concatenate([np.linspace(0.8, 1.2, 12), factor * np.array(months)])
    frame = as_frame({product: np.outer(sizes, level) for product in PRODUCTS}, windows)
    found = measure_drift(frame, windows, RULE, territories=territory_ids(8), products=PRODUCTS).table
    assert not found["is_drift"].any()
    assert found["change_share"].abs().max() < 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_contributions_sum_to_the_change(seed: int) -> None:
    """What the territories and products add sums to the nation's change of dollars per month."""
    frame, windows = planted(1.4, seed=seed, territories=8), windows_after(3)
    parts = drift_contributions(frame, windows, territories=territory_ids(8), products=PRODUCTS)
    is_test = frame["service_month"] > windows.baseline[-1]
    change = frame.loc[is_test, "total_usd"].sum() / 3 - frame.loc[~is_test, "total_usd"].sum() / 12
    assert parts["contribution_usd"].sum() == pytest.approx(change, rel=1e-9)


def test_dollars_of_one_product_are_judged_like_its_events() -> None:
    """With a single product the test of 'all' in dollars is the test of the events: the same p-values."""
    frame = planted(1.2)
    frame = frame[frame["product_id"] == "implant"]
    found = measure_drift(
        frame, windows_after(3), RULE, territories=territory_ids(30), products=["implant"]
    ).table
    sides = found.pivot(index="territory_id", columns="measure", values="p_value")
    np.testing.assert_allclose(sides["all"], sides["implant"], rtol=1e-6)
    dollars = found.pivot(index="territory_id", columns="measure", values="observed")
    np.testing.assert_allclose(dollars["all"], dollars["implant"] * PRICES["implant"])


def test_verdicts_where_nothing_can_be_tested() -> None:
    """No usable month: too early. Annual volumes only: not testable. A blocking incident: blocked. No numbers
    in any.
    """
    frame = planted(1.7)
    cases = {
        "too_early": report(frame, test_months=0),
        "not_testable": report(frame, has_monthly_lines=False),
        "blocked": report(frame, is_blocked=True),
    }
    for verdict, outcome in cases.items():
        assert set(outcome.table["verdict"]) == {verdict}
        assert len(outcome.table) == 30 * 3
        assert not outcome.table["is_drift"].any()
        assert outcome.table[["observed", "change_share", "p_value"]].isna().all(axis=None)


def test_too_few_events_are_too_early_not_stable() -> None:
    """Two events a month cannot show a shift of even twice the minimum effect: the verdict does not claim
    stability.
    """
    windows = windows_after(2)
    counts = overdispersed(np.random.default_rng(2), np.full((10, 14), 2.0), 1.0)
    found = measure_drift(
        as_frame({"brace": counts}, windows), windows, RULE, territories=territory_ids(10), products=["brace"]
    ).table
    assert set(found["verdict"]) == {"too_early"}


def test_small_opportunity_is_not_tested() -> None:
    """A territory below the minimum share of opportunity is not testable and no part of the q-values."""
    frame = planted(1.0)
    is_small = frame["territory_id"] == "T01"
    frame.loc[is_small, ["procedures", "total_usd"]] /= 100
    rule = replace(RULE, min_opportunity_share=0.002)
    found = measure_drift(
        frame, windows_after(3), rule, territories=territory_ids(30), products=PRODUCTS
    ).table
    small = found[found["territory_id"] == "T01"]
    assert set(small["verdict"]) == {"not_testable"}
    assert small["q_value"].isna().all()
    assert not found.loc[found["territory_id"] != "T01", "q_value"].isna().any()


def test_unknown_territories_are_left_out() -> None:
    """Rows of the unlocated bucket neither get a verdict nor change that of others."""
    frame = planted(1.7)
    stray = frame[frame["territory_id"] == "T07"].assign(territory_id="unlocated")
    stray.loc[:, ["procedures", "total_usd"]] *= 50
    with_stray = report(pd.concat([frame, stray])).details
    pd.testing.assert_frame_equal(with_stray, report(frame).details)


def test_a_missing_month_counts_as_zero() -> None:
    """A territory without rows in the test months has lost everything: −100 %, drift."""
    frame = planted(1.0)
    gone = (frame["territory_id"] == "T03") & (frame["service_month"] > windows_after(3).baseline[-1])
    found = report(frame[~gone]).table
    mine = found[found["territory_id"] == "T03"]
    assert (mine["change_share"] == -1.0).all()
    assert set(mine["verdict"]) == {"drift"}


def test_the_table_has_the_shape_of_the_contract() -> None:
    """The table carries exactly the contract's columns and converts to its Arrow schema."""
    import pyarrow as pa

    table = report(planted(1.7)).table
    assert list(table.columns) == TABLE_COLUMNS
    schema = TABLES["monitoring/territory_drift"].schema
    assert pa.Table.from_pandas(table, schema=schema, preserve_index=False).num_rows == 90
    early = report(planted(1.7), test_months=0).table
    assert pa.Table.from_pandas(early, schema=schema, preserve_index=False).num_rows == 90


def test_a_rule_needs_the_business_settings() -> None:
    """A setting that is in neither the business files nor the thresholds is an error, not a hidden number."""
    incomplete = {name: value for name, value in SETTINGS.items() if name != "drift_min_effect_share"}
    with pytest.raises(KeyError, match="drift_min_effect_share"):
        type(RULE).from_settings(incomplete)


def small_report(frame: pd.DataFrame) -> DriftReport:
    windows = windows_after(2)
    return measure_drift(frame, windows, RULE, territories=territory_ids(8), products=PRODUCTS)


SHUFFLED_SOURCE = pd.concat([planted(1.3, territories=8, test_months=2)] * 2).assign(
    procedures=lambda rows: rows["procedures"] * np.linspace(0.1, 1.7, len(rows))
)
