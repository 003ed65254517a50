"""Regions against what population leads to expect: by hand, shrunk where small, and the planted one first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.planted_regions import planted_regions
from pipelines.ranking.hot_regions import REGION_COLUMNS, hot_regions, in_words, regions_of

UNITS = pd.DataFrame(
    {
        "unit_id": ["U1", "U2", "U3", "U4", "U5"],
        "population": [100_000, 100_000, 100_000, 0, 200],
        "cbsa_code": ["10", "10", None, "20", ""],
        "state": ["ME", "ME", "NH", "NH", "NH"],
    }
)


def potential(procedures: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": "knee",
            "unit_id": ["U1", "U2", "U3", "U4", "U5", "unlocated"],
            "procedures": procedures,
            "patients": procedures,
            "diagnosed_patients": 0,
            "billed_usd": [100.0 * count for count in procedures],
        }
    )


def test_twice_the_nations_rate_is_nearly_so_and_a_hamlet_is_not() -> None:
    """U1 has 2,000 of 4,002, U2 and U3 1,000 each: excess ≈ +50 %, −25 %, −25 %. U5 has 2 where 2.7 are expected: little
    is said of it. U4 has no residents and `unlocated` no place: neither is ranked."""
    found = hot_regions(potential([2000, 1000, 1000, 50, 2, 70]), UNITS, "unit", 0.9)
    assert list(found.columns) == REGION_COLUMNS
    assert list(found["region_id"]) == ["U1", "U5", "U2", "U3"]
    assert list(found["region_rank"]) == [1, 2, 3, 4]
    hot = found.iloc[0]
    assert hot["volume_excess_share"] == pytest.approx(0.5, abs=0.03)
    assert hot["volume_excess_low"] < 0.5 < hot["volume_excess_high"]
    assert np.isnan(hot["diagnosis_excess_share"])
    assert hot["reasons"] == "volume +50 %, dollars a procedure as expected"
    hamlet = found.iloc[1]
    assert hamlet["volume_excess_high"] - hamlet["volume_excess_low"] > 0.5


def test_equal_regions_rank_by_id() -> None:
    """The same everywhere: an order by id, excess 0."""
    found = hot_regions(potential([500, 500, 500, 0, 1, 0]), UNITS, "unit", 0.9)
    assert list(found["region_id"])[1:] == ["U1", "U2", "U3"] or list(found["region_id"])[:3] == [
        "U1",
        "U2",
        "U3",
    ]
    assert found["volume_excess_share"].abs().max() < 0.05


@pytest.mark.parametrize(
    ("kind", "regions"), [("unit", {"U1", "U2", "U3", "U5"}), ("cbsa", {"10"}), ("state", {"ME", "NH"})]
)
def test_regions_by_setting(kind: str, regions: set[str]) -> None:
    """Units, CBSAs (units outside any are left out) or states."""
    found = hot_regions(potential([2000, 1000, 1000, 50, 2, 70]), UNITS, kind, 0.9)
    assert set(found["region_id"]) == regions
    assert set(found["region_kind"]) == {kind}
    assert len(regions_of(UNITS, kind)) >= len(regions)


def test_a_product_without_volume_has_no_regions() -> None:
    assert hot_regions(potential([0] * 6), UNITS, "unit", 0.9).empty


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((0.45, 0.01, -0.10), "volume +45 %, diagnoses as expected, dollars a procedure −10 %"),
        ((np.nan, 0.2, np.nan), "diagnoses +20 %"),
    ],
)
def test_reasons_in_words(shares: tuple[float, float, float], words: str) -> None:
    assert in_words(*shares) == words


def test_the_planted_region_is_first() -> None:
    """Twenty markets of 80 unequal regions, one planted hot in all three reasons: it ranks first in each."""
    firsts = 0
    for seed in range(20):
        market = planted_regions(seed)
        found = hot_regions(market.potential, market.units, "unit", 0.9)
        firsts += found.iloc[0]["region_id"] == market.hot
    assert firsts == 20
