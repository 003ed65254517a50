"""The Arrow schemas of the `quotas/*` tables of docs/architecture.md.

A frame of this package becomes a table with `pa.Table.from_pandas(frame, schema=…, preserve_index=False)`.
"""

from __future__ import annotations

import pyarrow as pa

_S, _I, _F, _USD = pa.string(), pa.int64(), pa.float64(), pa.decimal128(18, 2)

TERRITORY_QUOTA = pa.schema(
    [
        ("territory_id", _S),
        ("quota_usd", _USD),
        ("potential_share", _F),
        ("prior_quota_usd", _USD),
        ("change_share", _F),
        ("binding", _S),
    ]
)
QUOTA_LINE = pa.schema(
    [
        ("territory_id", _S),
        ("line_number", _I),
        ("product_id", _S),
        ("component", _S),
        ("amount_usd", _USD),
        ("explanation", _S),
    ]
)
