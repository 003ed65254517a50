"""The smallest snapshot there can be, numbered, for tests that publish many."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipelines.delivery.snapshot import Snapshot, build_snapshot

FACTS = {"data_through": "2025-11-30", "input_hash": "i", "config_hash": "c", "plan_id": "p"}
ROWS = 2000


def small_marts(generation: int) -> dict[str, pa.Table]:
    """The least a report can be made of, and a table that says which publication it belongs to."""
    return {
        "mart_territory_scorecard": pa.table({"territory_id": ["T01"], "territory_name": ["Home"]}),
        "mart_unit_assignment": pa.table({"unit_id": ["00001"], "territory_id": ["T01"]}),
        "mart_generation": pa.table({"generation": [generation] * ROWS, "number": range(ROWS)}),
    }


def stage(published: Path, generation: int, **facts: object) -> Snapshot:
    """Build, without publishing, the snapshot of refresh `sample.2026-<generation>`."""
    refresh = {"as_of_refresh": f"sample.2026-{generation:02d}"}
    return build_snapshot(small_marts(generation), None, {**FACTS, **refresh, **facts}, published)
