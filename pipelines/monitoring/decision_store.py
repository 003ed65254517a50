"""Decisions as files: `lake/decisions/<refresh_id>.json`, the same bytes when decided again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.atomic_files import read_json, write_json
from pipelines.monitoring.decide import Decision

DECISION_SCHEMA = pa.schema(
    [
        ("refresh_id", pa.string()),
        ("decision", pa.string()),
        ("decision_id", pa.string()),
        ("base_plan_id", pa.string()),
        ("imbalance_before", pa.float64()),
        ("imbalance_now", pa.float64()),
        ("drifted_territories", pa.int64()),
        ("reason", pa.string()),
    ]
)


def write_decision(folder: Path, decision: Decision, *, input_hash: str = "") -> Path:
    """Write the decision of its refresh, replacing an earlier one of the same refresh whole.

    `input_hash` names the accepted contents and configuration it was taken on (`RefreshRegistry.input_hash`).
    """
    return write_json(_file(folder, decision.refresh_id), {**decision.as_dict(), "input_hash": input_hash})


def read_decision(folder: Path, refresh_id: str) -> Decision | None:
    content = _read(folder, refresh_id)
    return (
        Decision(**{name: value for name, value in content.items() if name != "input_hash"})
        if content
        else None
    )


def decided_on(folder: Path, refresh_id: str) -> str | None:
    """The input hash of the decision at `refresh_id`, or None where there is no decision yet."""
    content = _read(folder, refresh_id)
    return str(content.get("input_hash", "")) if content else None


def previous_decision(folder: Path, refresh_id: str, refresh_order: Sequence[str]) -> Decision | None:
    """The latest decision strictly before `refresh_id` in the registry's order. ValueError if not in it."""
    for earlier in reversed(refresh_order[: list(refresh_order).index(refresh_id)]):
        decision = read_decision(folder, earlier)
        if decision is not None:
            return decision
    return None


def decision_table(folder: Path, refresh_order: Sequence[str], *, latest: Decision | None = None) -> pa.Table:
    """All decisions as `monitoring/rebuild_decision`, sorted by refresh_id.

    `latest` stands for the stored one of its refresh, which may not be written yet.
    """
    found = (
        latest if latest and latest.refresh_id == refresh_id else read_decision(folder, refresh_id)
        for refresh_id in sorted(refresh_order)
    )
    return pa.Table.from_pylist(
        [item.as_dict() for item in found if item is not None], schema=DECISION_SCHEMA
    )


def _read(folder: Path, refresh_id: str) -> dict[str, Any]:
    path = _file(folder, refresh_id)
    return dict(read_json(path)) if path.is_file() else {}


def _file(folder: Path, refresh_id: str) -> Path:
    return folder / f"{refresh_id}.json"
