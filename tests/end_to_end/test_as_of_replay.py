"""The marts of an earlier day can be had again: same refresh, same business files, same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from small_market import (
    PATIENCE_SECONDS,
    REFRESHES,
    REPOSITORY,
    Story,
    copy_home,
    files_under,
    manifest,
    write_business_files,
)

from pipelines.as_of_home import publication_of
from pipelines.data_home import DataHome


def as_of(home: DataHome, refresh_id: str) -> subprocess.CompletedProcess[str]:
    """`make as-of` on a home, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "dagster_project.as_of", refresh_id],
        cwd=REPOSITORY,
        env={**os.environ, "CLAIMLINE_HOME": str(home.root), "PYTHONPATH": str(REPOSITORY)},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def test_a_replay_gives_the_marts_of_that_day(story: Story, tmp_path: Path) -> None:
    """Although a later refresh is known and the business files have changed since, the snapshot hash is the same."""
    home = copy_home(story.home, tmp_path / "home")
    settings = home.config / "settings.yml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("24000000", "31000000"), encoding="utf-8"
    )
    published = files_under(home.published)
    replay = as_of(home, REFRESHES[1])
    assert replay.returncode == 0, replay.stdout + replay.stderr
    again = manifest(DataHome(home.root / "as_of" / REFRESHES[1]))
    assert again["as_of_refresh"] == REFRESHES[1]
    assert again["snapshot_hash"] == publication_of(home, REFRESHES[1]).snapshot_hash
    assert again["snapshot_hash"] != manifest(home)["snapshot_hash"]
    assert files_under(home.published) == published


def test_a_refresh_that_was_never_published_is_refused_with_the_ones_that_were(tmp_path: Path) -> None:
    """A slip of the pen gets an answer, not a traceback."""
    home = DataHome(tmp_path / "home")
    write_business_files(home)
    replay = as_of(home, "no_such_refresh")
    assert replay.returncode == 2
    assert "nothing was published as of it" in replay.stdout + replay.stderr
