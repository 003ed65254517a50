"""Supply before drift: a lost payer is one incident and no territory review; a changed market is none."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from territory_counts import RULE as DRIFT_RULE
from territory_counts import SETTINGS, as_frame, monthly_means, overdispersed, territory_ids, windows_after

from quality.drift import measure_drift
from quality.supply import SupplyRule, has_blocking, supply_incidents
from quality.table_registry import TABLES

RULE = SupplyRule.from_settings(SETTINGS)
REFRESH = "demo.2025-09"
MEANS = {
    ("demo", "commercial"): 6000,
    ("demo", "medicare"): 3500,
    ("demo", "medicaid"): 500,
    ("partner", "commercial"): 2000,
    ("partner", "medicare"): 2500,
}
RECEIPTS = pd.DataFrame(
    {
        "refresh_id": ["demo.2025-08", "partner.2025-09", REFRESH],
        "source": ["demo", "partner", "demo"],
        "known_on": [date(2025, 8, 30), date(2025, 9, 20), date(2025, 9, 30)],
        "accepted_rows": [1000, 1000, 1000],
        "cadence_days": [31, 31, 31],
        "repeated_files": [0, 0, 0],
    }
)


def volumes(*, only: str = "", seed: int = 1, test_months: int = 3, **drop: float) -> pd.DataFrame:
    """Monthly services per source and channel with a shared season; `drop`: `source__channel` → factor in the
    test.
    """
    random, windows = np.random.default_rng(seed), windows_after(test_months)
    rows = []
    for (source, channel), mean in MEANS.items():
        if only and source != only:
            continue
        for place, month in enumerate([*windows.baseline, *windows.test]):
            factor = drop.get(f"{source}__{channel}", 1.0) if month in windows.test else 1.0
            level = mean * (1 + 0.2 * np.sin(place)) * factor
            rows.append((source, channel, month, float(random.poisson(level))))
    return pd.DataFrame(rows, columns=["source", "payer_channel", "service_month", "services"])


def incidents(frame: pd.DataFrame, receipts: pd.DataFrame = RECEIPTS, test_months: int = 3) -> pd.DataFrame:
    return supply_incidents(frame, receipts, windows_after(test_months), RULE, refresh_id=REFRESH)


@pytest.mark.parametrize("only", ["", "demo"])
@pytest.mark.parametrize("channel", ["commercial", "medicare", "medicaid"])
def test_one_payer_channel_lost_is_one_incident(only: str, channel: str) -> None:
    """−40 % of one channel, large or small: exactly one blocking incident, of that channel."""
    found = incidents(volumes(only=only, **{f"demo__{channel}": 0.6}))
    assert found["kind"].tolist() == ["channel_drop"]
    assert found["scope"].tolist() == [f"source demo, channel {channel}"]
    assert has_blocking(found)
    assert found["observed"].iloc[0] == pytest.approx(0.6 * found["expected"].iloc[0], rel=0.1)


def test_a_lost_payer_gives_no_territory_review() -> None:
    """−40 % of a payer that only some territories depend on: one incident, and drift is blocked in all of
    them.
    """
    windows, random = windows_after(3), np.random.default_rng(2)
    means = monthly_means(random, 30, windows, 300)
    means[:10, 12:] *= 0.64
    counts = as_frame({"implant": overdispersed(random, means, 1.2)}, windows)
    options = {"territories": territory_ids(30), "products": ["implant"]}
    assert measure_drift(counts, windows, DRIFT_RULE, **options).table["is_drift"].any()  # type: ignore[arg-type]
    found = incidents(volumes(demo__commercial=0.6))
    blocked = measure_drift(counts, windows, DRIFT_RULE, is_blocked=has_blocking(found), **options)  # type: ignore[arg-type]
    assert len(found) == 1
    assert not blocked.table["is_drift"].any()
    assert set(blocked.table["verdict"]) == {"blocked"}


def test_a_lost_source_is_one_incident_not_one_per_channel() -> None:
    """All channels of one source fall, some more than others: one incident for the source."""
    found = incidents(volumes(demo__commercial=0.35, demo__medicare=0.65, demo__medicaid=0.65))
    assert found["kind"].tolist() == ["source_drop"]
    assert found["scope"].tolist() == ["source demo"]


def test_a_lonely_source_that_halves_is_one_incident() -> None:
    """With nothing to compare with, a fall of the whole volume by half is one incident."""
    found = incidents(volumes(only="demo", demo__commercial=0.45, demo__medicare=0.45, demo__medicaid=0.45))
    assert found["kind"].tolist() == ["total_drop"]


def test_an_outage_in_the_last_month_only_is_seen() -> None:
    """A channel lost in the newest of three test months is found although the three together fall by less."""
    frame = volumes()
    last = windows_after(3).test[-1]
    lost = (
        (frame["service_month"] == last)
        & (frame["payer_channel"] == "medicare")
        & (frame["source"] == "demo")
    )
    frame.loc[lost, "services"] *= 0.5
    found = incidents(frame)
    assert found["scope"].tolist() == ["source demo, channel medicare"]
    assert f"{last:%Y-%m}, 5" in found["evidence"].iloc[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.75, 1.6), st.integers(1, 3))
def test_a_changed_market_is_no_incident(seed: int, growth: float, test_months: int) -> None:
    """Season, national growth or decline up to a quarter, and one channel growing: never an incident."""
    frame = volumes(seed=seed, test_months=test_months, demo__medicaid=1.8)
    is_test = frame["service_month"].isin(windows_after(test_months).test)
    frame.loc[is_test, "services"] *= max(growth, 0.9)
    assert incidents(frame, test_months=test_months).empty


def test_a_doubling_neighbour_is_not_a_drop() -> None:
    """When Medicare doubles, the commercial channel has not been lost although its share falls."""
    frame = volumes(only="demo", demo__medicare=2.5)
    assert incidents(frame).empty
    assert incidents(frame[frame["payer_channel"] != "medicaid"]).empty


def test_small_channels_do_not_fall_by_luck() -> None:
    """Ten services a month halve by chance: 60 seeds, no incident."""
    for seed in range(60):
        frame = volumes(only="demo", seed=seed)
        small = frame["payer_channel"] == "medicaid"
        frame.loc[small, "services"] = np.random.default_rng(seed).poisson(10, small.sum())
        assert incidents(frame).empty


@pytest.mark.parametrize(
    ("days_late", "kinds", "blocks"),
    [(0, [], False), (10, ["late_source"], False), (30, ["late_source"], True)],
)
def test_late_sources(days_late: int, kinds: list[str], blocks: bool) -> None:
    """A source 10 days past its cadence is noted; 30 days past, it blocks."""
    receipts = RECEIPTS.copy()
    receipts["known_on"] = receipts["known_on"].astype(object)
    receipts.loc[1, "known_on"] = date(2025, 9, 30) - timedelta(days=31 + days_late)
    found = incidents(volumes(), receipts)
    assert found["kind"].tolist() == kinds
    assert has_blocking(found) == blocks


def test_empty_and_repeated_deliveries() -> None:
    """A refresh without accepted rows blocks; a repeated file is noted only."""
    empty = RECEIPTS.assign(accepted_rows=[1000, 1000, 0])
    assert incidents(volumes(), empty)["kind"].tolist() == ["empty_refresh"]
    repeated = incidents(volumes(), RECEIPTS.assign(repeated_files=[0, 0, 2]))
    assert repeated["kind"].tolist() == ["repeated_delivery"]
    assert not has_blocking(repeated)


def test_later_deliveries_do_not_reach_back() -> None:
    """Judged as of a refresh, what was delivered afterwards does not exist."""
    later = pd.concat(
        [RECEIPTS, RECEIPTS.iloc[[2]].assign(refresh_id="demo.2026-03", known_on=date(2026, 3, 30))]
    )
    pd.testing.assert_frame_equal(incidents(volumes(), later), incidents(volumes()))


def test_the_table_has_the_shape_of_the_contract() -> None:
    """Found or empty, the frame converts to the contract's schema; the same judgement has the same ids."""
    import pyarrow as pa

    schema = TABLES["monitoring/supply_incident"].schema
    found = incidents(volumes(demo__medicare=0.5))
    for frame in (found, incidents(volumes())):
        pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    assert found["incident_id"].tolist() == incidents(volumes(demo__medicare=0.5))["incident_id"].tolist()
