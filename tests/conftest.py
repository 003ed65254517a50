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


MISSING_DATA = "the real data folder is missing: set CLAIMLINE_SHARED_DATA"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs a whole folder (`make test` has two workers): what a folder's tests share is made once."""
    tests = Path(__file__).parent
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.path.relative_to(tests).parts[0]))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where CI asks for it, a skipped test fails the run, unless the real data folder is not there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CLAIMLINE_NO_SKIPS") or reporter is None or exitstatus != pytest.ExitCode.OK:
        return
    skipped = reporter.stats.get("skipped", [])
    excused = 0 if shared_data_folder().is_dir() else sum(MISSING_DATA in str(r.longrepr) for r in skipped)
    if len(skipped) > excused:
        reporter.write_line(f"{len(skipped) - excused} tests were skipped, and none may be", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = shared_data_folder()
    if not folder.is_dir():
        pytest.skip(MISSING_DATA)
    return folder


@pytest.fixture
def data_home(tmp_path: Path) -> DataHome:
    return DataHome(tmp_path / "home")
