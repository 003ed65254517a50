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


# Whole loops, some of them many: `make test-slow`. Everything else is `make test`.
SLOW = {
    "end_to_end/test_as_of_replay.py",
    "end_to_end/test_bad_input.py",
    "end_to_end/test_failed_publication.py",
    "end_to_end/test_kill_anywhere.py",
    "end_to_end/test_same_data_same_snapshot.py",
    "real_data/test_tuva_replay.py",
}


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.relative_to(Path(__file__).parent).as_posix() in SLOW:
        item.add_marker("slow")


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
