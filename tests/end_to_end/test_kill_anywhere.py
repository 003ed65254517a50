"""SIGKILL at five points, each time followed by another start: the end is that of the run nobody disturbed.

One history with five kills in it, not five histories with one: every kill has to be survived on top of what the
earlier ones left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_market import REFRESHES, LoopProcess, Market, Story, copy_home, deliver, files_under, manifest

from pipelines.data_home import DataHome

KEEP, REBUILD = REFRESHES[1:]
NOT_COMPARED = "raw/.landing", "registry/.file_hashes.json"  # staging, and a cache of sizes and times


def landing(home: DataHome) -> Callable[[LoopProcess], bool]:
    """Files of the quiet refresh are being written, or just were."""
    places = (home.lake / "raw" / ".landing" / KEEP, home.raw_partition("medical_claim", KEEP))
    return lambda _: any(place.exists() for place in places)


def in_the_middle_of_dbt(home: DataHome) -> Callable[[LoopProcess], bool]:
    return lambda process: any("dbt 5/" in line for line in process.lines)


def decided(home: DataHome) -> Callable[[LoopProcess], bool]:
    return lambda _: (home.decisions / f"{REBUILD}.json").exists()


def planned(home: DataHome) -> Callable[[LoopProcess], bool]:
    return lambda _: (home.plans / REBUILD / "plan.json").exists()


def publishing(home: DataHome) -> Callable[[LoopProcess], bool]:
    """The last snapshot is being built aside. Its plan is complete, so this is no earlier refresh's."""
    staging, quotas = home.published / ".staging", home.plans / REBUILD / "quota_line.parquet"
    return lambda _: quotas.exists() and any(staging.glob("build-*"))


def lake(home: DataHome) -> dict[str, bytes]:
    return {
        name: content for name, content in files_under(home.lake).items() if not name.startswith(NOT_COMPARED)
    }


@pytest.fixture(scope="module")
def killed_five_times(
    market: Market, after_first: DataHome, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DataHome, str]:
    """The home after five kills and a last, undisturbed start; and what that last start printed."""
    home = copy_home(after_first, Path(tmp_path_factory.mktemp("killed")) / "home")
    before = manifest(home)["snapshot_hash"]
    for refresh_id in REFRESHES[1:]:
        deliver(market.delivery(refresh_id), home)

    assert LoopProcess(home).kill_when(landing(home))
    assert not (home.decisions / f"{KEEP}.json").exists()

    assert LoopProcess(home).kill_when(in_the_middle_of_dbt(home))
    assert not (home.decisions / f"{KEEP}.json").exists()
    assert manifest(home)["snapshot_hash"] == before

    assert LoopProcess(home).kill_when(decided(home))
    assert manifest(home)["as_of_refresh"] == KEEP
    assert not (home.plans / REBUILD / "plan.json").exists()

    assert LoopProcess(home).kill_when(planned(home))
    assert not (home.plans / REBUILD / "quota_line.parquet").exists()

    assert LoopProcess(home).kill_when(publishing(home))
    assert manifest(home)["as_of_refresh"] == KEEP  # consumers still have the last whole snapshot

    last = LoopProcess(home)
    assert last.finish() == 0, last.text
    return home, last.text


def test_same_snapshot(killed_five_times: tuple[DataHome, str], story: Story) -> None:
    """The published manifest, and with it the hash of every mart, is byte for byte that of the undisturbed run."""
    home, _ = killed_five_times
    assert manifest(home)["snapshot_hash"] == manifest(story.home)["snapshot_hash"]
    published = home.current_snapshot / "manifest.json"
    assert published.read_bytes() == (story.home.current_snapshot / "manifest.json").read_bytes()


def test_same_history(killed_five_times: tuple[DataHome, str], story: Story) -> None:
    """Plans and decisions are the same files: no plan too many, none built on another."""
    home, _ = killed_five_times
    assert files_under(home.plans) == files_under(story.home.plans)
    assert files_under(home.decisions) == files_under(story.home.decisions)


def test_same_lake(killed_five_times: tuple[DataHome, str], story: Story) -> None:
    """Every other table and receipt is the same too: no stage was left behind at an older refresh."""
    home, _ = killed_five_times
    mine, theirs = lake(home), lake(story.home)
    assert sorted(mine) == sorted(theirs)
    assert [name for name in mine if mine[name] != theirs[name]] == []


def test_nothing_is_left_over(killed_five_times: tuple[DataHome, str]) -> None:
    """The last start cleared what the killed ones left in the staging areas, and found nothing more to do."""
    home, said = killed_five_times
    assert not list((home.published / ".staging").glob("*"))
    assert not list((home.lake / "raw" / ".landing").glob("*"))
    assert "Nothing is due" in said
