"""One small market with events, delivered once for all tests of this folder."""

from __future__ import annotations

import pytest
from delivered_market import SMALL, Delivered, deliver


@pytest.fixture(scope="session")
def small_market(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return deliver(SMALL, tmp_path_factory.mktemp("small_market"))
