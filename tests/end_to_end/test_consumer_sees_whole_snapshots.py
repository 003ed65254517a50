"""A consumer that reads the published database in a loop during a full run meets no error and no half-published state."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from small_market import REFRESHES, Story

from pipelines.atomic_files import read_json

ENOUGH_READINGS = 40


def readings(story: Story) -> list[dict[str, Any]]:
    return [json.loads(line) for line in story.readings]


def test_no_reading_fails(story: Story) -> None:
    """Opening and reading works every single time, also at the moment of the swap."""
    found = readings(story)
    assert [reading["error"] for reading in found if "error" in reading] == []
    assert story.consumer_exit == 0
    assert len(found) >= ENOUGH_READINGS


def test_every_reading_is_one_published_snapshot(story: Story) -> None:
    """Identity, plan and the rows of all marts of a reading belong to one manifest, never to two."""
    manifests = {
        (content["snapshot_id"], content["input_hash"]): content
        for content in (
            read_json(path) for path in (story.home.published / "snapshots").glob("*/manifest.json")
        )
    }
    for reading in readings(story):
        for seen in (reading["fresh"], reading["held"]):
            (identity,) = seen["identities"]
            content = manifests[identity["snapshot_id"], identity["input_hash"]]
            assert identity["snapshot_hash"] == content["snapshot_hash"]
            assert seen["plans"] == [content["plan_id"]] == [identity["plan_id"]]
            assert seen["rows"] == {name: table["rows"] for name, table in content["tables"].items()}


def test_snapshots_follow_each_other_in_order(story: Story) -> None:
    """The consumer saw all three refreshes, one after the other, and never an older one again."""
    seen = [reading["fresh"]["identities"][0]["as_of_refresh"] for reading in readings(story)]
    steps = [seen[0], *(later for earlier, later in pairwise(seen) if later != earlier)]
    assert tuple(steps) == REFRESHES


def test_open_connection_keeps_its_snapshot(story: Story) -> None:
    """A connection opened before the run reads the same snapshot to the end: publishing changes no published file."""
    held = [reading["held"] for reading in readings(story)]
    assert all(seen == held[0] for seen in held)
    assert held[0]["identities"][0]["snapshot_hash"] == story.first["snapshot_hash"]
