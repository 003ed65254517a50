"""A publication that fails leaves yesterday's snapshot; the next start rebuilds the marts and publishes what was due."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from small_market import REFRESHES, LoopProcess, Market, Story, copy_home, deliver, manifest, run_loop

from pipelines.atomic_files import read_json
from pipelines.data_home import DataHome


def unbroken(story: Story, refresh_id: str) -> dict[str, object]:
    """The manifest that the undisturbed run published at a refresh."""
    found = [read_json(path) for path in (story.home.published / "snapshots").glob("*/manifest.json")]
    (content,) = [content for content in found if content["as_of_refresh"] == refresh_id]
    return dict(content)


def spoil_marts(home: DataHome) -> None:
    """What a build that stopped half-way leaves: a mart that is older than the plan."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update reporting.mart_plan set plan_id = 'an earlier plan'")


@pytest.fixture(scope="module")
def failed(market: Market, after_first: DataHome, tmp_path_factory: pytest.TempPathFactory) -> DataHome:
    """The quiet refresh, measured, with no room to build its snapshot in; its marts then left behind."""
    home = copy_home(after_first, Path(tmp_path_factory.mktemp("failed")) / "home")
    deliver(market.delivery(REFRESHES[1]), home)
    staging = home.published / ".staging"
    if staging.is_dir():
        staging.rmdir()
    staging.write_text("in the way", encoding="utf-8")
    process = LoopProcess(home)
    assert process.finish() == 1
    assert "FAILED" in process.text
    staging.unlink()
    return home


def test_failed_publication_leaves_the_old_snapshot(failed: DataHome) -> None:
    assert manifest(failed)["as_of_refresh"] == REFRESHES[0]
    assert (failed.decisions / f"{REFRESHES[1]}.json").is_file()


def test_next_start_rebuilds_the_marts_and_publishes_the_same(
    failed: DataHome, story: Story, tmp_path: Path
) -> None:
    """Byte for byte the manifest of the run that nobody disturbed, though a mart was stale in between."""
    home = copy_home(failed, tmp_path / "home")
    spoil_marts(home)
    run_loop(home)
    assert manifest(home) == unbroken(story, REFRESHES[1])
