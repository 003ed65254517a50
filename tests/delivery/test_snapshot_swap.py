"""What consumers see while snapshots are swapped, refused, interrupted and forgotten."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from sample_market import SampleMarket
from small_snapshot import FACTS, ROWS, small_marts, stage

from pipelines.delivery.publication import PublishRefused, _point_current_at, publish, read_current
from pipelines.delivery.snapshot import STAGING, Snapshot, build_snapshot
from pipelines.problems import Problem

REPOSITORY = Path(__file__).resolve().parents[2]
READER = """
import json, sys, time
from pathlib import Path
import duckdb

published, stop = Path(sys.argv[1]), Path(sys.argv[2])
counted = "select generation, count(*) from mart_generation group by all"
seen, errors, reads = set(), [], 0
while not stop.exists() or reads == 0:
    try:
        with duckdb.connect(str(published / "current" / "claimline.duckdb"), read_only=True) as connection:
            first = connection.execute("select snapshot_id from mart_snapshot").fetchall()
            rows = connection.execute(counted).fetchall()
            last = connection.execute("select snapshot_id from mart_snapshot").fetchall()
        seen.add(json.dumps([first, rows, last]))
    except Exception as error:
        errors.append(repr(error))
    reads += 1
    time.sleep(0.005)
print(json.dumps({"seen": sorted(seen), "errors": errors, "reads": reads}))
"""


def refusing(snapshot: Snapshot) -> list[Problem]:
    return [Problem("mart_plan", "whole file", "", "balance is worse than 50%", "Look at the plan.")]


def tree(published: Path) -> dict[str, bytes]:
    """Every consumer-visible file with its bytes."""
    files = (published / "snapshots").rglob("*")
    return {str(path.relative_to(published)): path.read_bytes() for path in files if path.is_file()}


def test_a_reader_never_fails_and_never_sees_a_mixture(tmp_path: Path) -> None:
    """A process that opens the current database again and again through five publications sees no error
    and only whole snapshots."""
    published, stop = tmp_path / "published", tmp_path / "stop"
    known = {}
    first = stage(published, 1)
    known[first.snapshot_id] = 1
    publish(first, published)
    command = [sys.executable, "-c", READER, str(published), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        for generation in range(2, 7):
            snapshot = stage(published, generation)
            known[snapshot.snapshot_id] = generation
            publish(snapshot, published)
        stop.touch()
        output, _ = reader.communicate(timeout=60)
    result = json.loads(output)
    assert result["errors"] == []
    assert result["reads"] > 5
    for ((before,),), rows, ((after,),) in map(json.loads, result["seen"]):
        assert before == after
        assert rows == [[known[before], ROWS]]


def test_current_is_never_absent(tmp_path: Path) -> None:
    """Someone who looks all the time while the link is swapped 300 times always finds it."""
    folders = [tmp_path / "snapshots" / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir(parents=True)
    _point_current_at(folders[0], tmp_path)
    done, found, missed = threading.Event(), set(), []

    def look() -> None:
        while not done.is_set():
            try:
                found.add(os.readlink(tmp_path / "current"))
            except FileNotFoundError as error:
                missed.append(error)

    watcher = threading.Thread(target=look)
    watcher.start()
    for number in range(300):
        _point_current_at(folders[number % 2], tmp_path)
    done.set()
    watcher.join()
    assert not missed
    assert found == {"snapshots/one", "snapshots/two"}


def test_a_refused_snapshot_leaves_the_old_one(tmp_path: Path) -> None:
    """A failed audit raises every reason and changes no byte of what consumers see."""
    publish(stage(tmp_path, 1), tmp_path)
    before, current = tree(tmp_path), read_current(tmp_path)
    with pytest.raises(PublishRefused, match=r"previous one stays:\n- mart_plan.*balance is worse") as caught:
        publish(stage(tmp_path, 2), tmp_path, checks=[refusing, refusing])
    assert len(caught.value.problems) == 2
    assert tree(tmp_path) == before
    assert read_current(tmp_path) == current


def test_small_patient_counts_are_never_published(tmp_path: Path) -> None:
    """The built-in audit refuses a mart with a count of 1 to 10 patients, without repeating the count."""
    marts = small_marts(1) | {
        "mart_geography_opportunity": pa.table({"unit_id": ["1", "2"], "patients": [7, 40]})
    }
    snapshot = build_snapshot(marts, None, {**FACTS, "as_of_refresh": "r"}, tmp_path)
    with pytest.raises(PublishRefused, match=r"mart_geography_opportunity.*column patients") as caught:
        publish(snapshot, tmp_path)
    assert "7" not in caught.value.problems[0].value
    assert read_current(tmp_path) is None


@pytest.mark.parametrize("step", ["_write_database", "render_report", "write_json"])
def test_a_killed_build_leaves_current_and_is_cleared_away(tmp_path: Path, step: str) -> None:
    """SIGKILL at any step of a build changes nothing for consumers, and the next build sweeps up and
    succeeds.
    """
    publish(stage(tmp_path, 1), tmp_path)
    before, current = tree(tmp_path), read_current(tmp_path)
    script = f"""
import os, signal
from pathlib import Path
from pipelines.delivery import snapshot
from small_snapshot import stage
def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
snapshot.{step} = die
stage(Path({str(tmp_path)!r}), 2)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(Path(__file__).parent)])}
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert list((tmp_path / STAGING).iterdir())
    assert tree(tmp_path) == before
    assert read_current(tmp_path) == current
    publish(stage(tmp_path, 2), tmp_path)
    assert not list((tmp_path / STAGING).iterdir())
    assert read_current(tmp_path)["as_of_refresh"] == "sample.2026-02"


def test_publishing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    """An identical snapshot is recognised: the folder, its files and the link stay as they were."""
    first = publish(stage(tmp_path, 1), tmp_path)
    before = tree(tmp_path)
    again = publish(stage(tmp_path, 1), tmp_path)
    assert (first.was_there, again.was_there) == (False, True)
    assert again.folder == first.folder
    assert tree(tmp_path) == before
    assert not list((tmp_path / STAGING).iterdir())


def test_same_tables_under_other_facts_are_a_further_edition(tmp_path: Path) -> None:
    """A new input hash reaches the manifest although no table changed, and the first edition is untouched."""
    first = publish(stage(tmp_path, 1), tmp_path)
    before = {name: content for name, content in tree(tmp_path).items() if first.folder.name + "/" in name}
    second = publish(stage(tmp_path, 1, input_hash="other"), tmp_path)
    assert second.folder.name == f"{first.folder.name}.2"
    assert read_current(tmp_path)["input_hash"] == "other"
    assert before.items() <= tree(tmp_path).items()


def test_the_link_is_relative(tmp_path: Path) -> None:
    """The data home can be moved: `current` still resolves."""
    publish(stage(tmp_path / "home", 1), tmp_path / "home")
    (tmp_path / "home").rename(tmp_path / "moved")
    assert read_current(tmp_path / "moved")["as_of_refresh"] == "sample.2026-01"


@pytest.mark.parametrize("retain", [1, 3])
def test_only_the_last_snapshots_stay(tmp_path: Path, retain: int) -> None:
    """Beyond `retain` the oldest go, one with each publication."""
    publications = [publish(stage(tmp_path, number), tmp_path, retain=retain) for number in range(1, 6)]
    kept = sorted(path.name[:14] for path in (tmp_path / "snapshots").iterdir())
    assert kept == [f"sample.2026-{number:02d}" for number in range(6 - retain, 6)]
    assert [len(made.forgotten) for made in publications] == [0] * retain + [1] * (5 - retain)


def test_neither_current_nor_younger_snapshots_are_forgotten(tmp_path: Path) -> None:
    """Going back to an old snapshot keeps it and all that came after it, whatever `retain` says."""
    for generation in (1, 2, 3):
        folder = publish(stage(tmp_path, generation), tmp_path).folder
        os.utime(folder / "manifest.json", ns=(generation, generation))
    back = publish(stage(tmp_path, 2), tmp_path, retain=1)
    assert back.was_there
    assert [name[:14] for name in back.forgotten] == ["sample.2026-01"]
    assert read_current(tmp_path)["as_of_refresh"] == "sample.2026-02"
    assert len(list((tmp_path / "snapshots").iterdir())) == 2


def test_consumers_can_query_the_published_database(county_market: SampleMarket, tmp_path: Path) -> None:
    """The whole sample market passes the audits and answers a join through `current`."""
    publish(
        build_snapshot(county_market.marts, county_market.polygons, county_market.facts, tmp_path), tmp_path
    )
    with duckdb.connect(str(tmp_path / "current" / "claimline.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select territory_id, count(*) from mart_unit_assignment join mart_territory_scorecard "
            "using (territory_id) group by all order by all"
        ).df()
    expected = county_market.frames["mart_territory_scorecard"].set_index("territory_id")["units"]
    pd.testing.assert_series_equal(
        rows.set_index("territory_id").iloc[:, 0].rename("units"),
        expected,
        check_dtype=False,
        check_index_type=False,
    )
