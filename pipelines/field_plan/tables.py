"""The Arrow schemas of the `field_plan/*` tables of docs/architecture.md.

A frame of this package becomes a table with `pa.Table.from_pandas(frame, schema=…, preserve_index=False)`.
"""

from __future__ import annotations

import pyarrow as pa

_S, _I, _F, _B = pa.string(), pa.int64(), pa.float64(), pa.bool_()

TERRITORY_WORKLOAD = pa.schema(
    [
        ("territory_id", _S),
        ("accounts", _I),
        ("visit_hours", _F),
        ("travel_hours", _F),
        ("total_hours", _F),
        ("capacity_hours", _F),
        ("workload_index", _F),
    ]
)
REP_ASSIGNMENT = pa.schema(
    [
        ("territory_id", _S),
        ("rep_id", _S),
        ("rep_name", _S),
        ("fit_score", _F),
        ("experience_fit", _F),
        ("specialty_fit", _F),
        ("base_miles", _F),
        ("is_vacant", _B),
        ("note", _S),
    ]
)
