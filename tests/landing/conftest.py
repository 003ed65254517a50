"""The inbox that landing tests deliver into."""

from __future__ import annotations

import pytest
from hand_made_deliveries import VENDOR, VOLUMES, Inbox, make_config

from pipelines.data_home import DataHome


@pytest.fixture
def inbox(data_home: DataHome, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.delenv("CLAIMLINE_TOKEN_KEY", raising=False)
    return Inbox(data_home, make_config(VENDOR, VOLUMES))
