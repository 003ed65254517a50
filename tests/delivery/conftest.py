"""Two small markets for the delivery tests: counties with polygons, and ZIP areas that are points."""

from __future__ import annotations

import pytest
from sample_market import SampleMarket, sample_market


@pytest.fixture(scope="session")
def county_market() -> SampleMarket:
    return sample_market(states=("MA", "ME", "NH", "VT"), territories=6, volume=0.1)


@pytest.fixture(scope="session")
def point_market() -> SampleMarket:
    return sample_market(states=("NH", "VT"), territories=3, unit_type="zcta", decision="initial")
