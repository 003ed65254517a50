"""Homes that tests share: the market's deliveries, the home after the first refresh, and the one after all three.

Nobody changes them: a test that does, copies first (`copy_home`).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_market import (
    REFRESHES,
    REPOSITORY,
    Market,
    Story,
    copy_home,
    deliver,
    manifest,
    run_loop,
    write_business_files,
    write_market,
)

from pipelines.data_home import DataHome

CONSUMER = Path(__file__).with_name("consumer.py")


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return write_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session")
def after_first(market: Market, tmp_path_factory: pytest.TempPathFactory) -> DataHome:
    """The first refresh landed, planned and published."""
    home = DataHome(tmp_path_factory.mktemp("after_first") / "home")
    write_business_files(home)
    deliver(market.delivery(REFRESHES[0]), home)
    run_loop(home)
    return home


@pytest.fixture(scope="session")
def story(market: Market, after_first: DataHome, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The two further refreshes, run while a consumer reads."""
    folder = tmp_path_factory.mktemp("story")
    home = copy_home(after_first, folder / "home")
    first = manifest(home)
    for refresh_id in REFRESHES[1:]:
        deliver(market.delivery(refresh_id), home)
    notes, stop = folder / "readings.jsonl", folder / "stop"
    consumer = subprocess.Popen(
        [sys.executable, str(CONSUMER), str(home.published), str(notes), str(stop)], cwd=REPOSITORY
    )
    try:
        run_loop(home)
    finally:
        stop.touch()
        code = consumer.wait(timeout=60)
    return Story(home, first, notes.read_text(encoding="utf-8").splitlines(), code)
