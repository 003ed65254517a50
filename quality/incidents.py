"""One incident of the data supply, as a row of `monitoring/supply_incident`.

Belongs here: the shape that all who find incidents share. Does not belong here: how they are found
(`supply`, `lag_shift`).
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from quality.table_registry import TABLES

INCIDENT_COLUMNS = TABLES["monitoring/supply_incident"].column_names


@dataclass(frozen=True)
class Incident:
    """One row of `monitoring/supply_incident`; the id is stable for the same refresh, kind and scope."""

    refresh_id: str
    kind: str
    scope: str
    observed: float
    expected: float
    evidence: str
    is_blocking: bool

    def as_row(self) -> dict[str, Any]:
        text = f"{self.refresh_id}|{self.kind}|{self.scope}"
        return {"incident_id": hashlib.sha256(text.encode()).hexdigest()[:16], **asdict(self)}
