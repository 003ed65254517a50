"""Fixtures shared by all tests: the real data folder and a data home of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.data_home import DataHome

REPOSITORY = Path(__file__).resolve().parents[1]


def shared_data_folder() -> Path:
    """`CLAIMLINE_SHARED_DATA`, or `shared/data` beside the checkout."""
    return Path(os.environ.get("CLAIMLINE_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = shared_data_folder()
    if not folder.is_dir():
        pytest.skip("the real data folder is missing: set CLAIMLINE_SHARED_DATA")
    return folder


@pytest.fixture
def data_home(tmp_path: Path) -> DataHome:
    return DataHome(tmp_path / "home")
