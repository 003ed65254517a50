"""How the outcome of a check in `quality` becomes a Dagster check result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from quality.checks import CheckOutcome


def check_result(
    outcome: CheckOutcome, *, key: Sequence[str], name: str, table: str | None = None
) -> dg.AssetCheckResult:
    """`table` is markdown shown beside the numbers, e.g. a Great Expectations result."""
    metadata: dict[str, Any] = {
        label: value if not isinstance(value, list) else dg.MetadataValue.json(value)
        for label, value in outcome.metadata.items()
    }
    if table:
        metadata["expectations"] = dg.MetadataValue.md(table)
    return dg.AssetCheckResult(
        passed=outcome.passed,
        severity=dg.AssetCheckSeverity.ERROR if outcome.severity == "error" else dg.AssetCheckSeverity.WARN,
        asset_key=dg.AssetKey(list(key)),
        check_name=name,
        description=outcome.sentence,
        metadata=metadata,
    )
