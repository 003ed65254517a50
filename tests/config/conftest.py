"""A valid folder of business files to spoil, one fault at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.config.load import PROFILES

Edit = Callable[[str, str, str], int]


@pytest.fixture
def business_files(tmp_path: Path) -> Path:
    """A copy of the device maker's profile."""
    return Path(shutil.copytree(PROFILES / "device_maker", tmp_path / "config"))


@pytest.fixture
def spoil(business_files: Path) -> Edit:
    """`spoil(file, old, new)` replaces the first `old` in a file and returns the line on which it began."""

    def replace(file: str, old: str, new: str) -> int:
        path = business_files / file
        text = path.read_text(encoding="utf-8")
        at = text.index(old)
        path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
        return text[:at].count("\n") + 1

    return replace
