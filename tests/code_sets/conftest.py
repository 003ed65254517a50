"""A config folder with code-set files, written by the test that needs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = "code,effective_from,effective_to,status\n"
CROSSWALK = "code_system,from_code,to_code,effective_from,weight\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """`write({"hcpcs_2025.csv": rows, …})` with the header added; returns the config folder."""

    def files(content: dict[str, str]) -> Path:
        folder = tmp_path / "code_sets"
        folder.mkdir(exist_ok=True)
        for name, rows in content.items():
            header = CROSSWALK if name.startswith("crosswalk") and "assignment" not in rows else HEADER
            header = "" if "assignment" in rows else header
            (folder / name).write_text(header + rows, encoding="utf-8")
        return tmp_path

    return files
