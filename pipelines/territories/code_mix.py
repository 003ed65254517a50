"""What a plan's opportunity was made of, by procedure code: kept with the plan, so that its staleness can be measured."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

KEY = ["product_id", "code_system", "code"]
SCHEMA = pa.schema(
    {
        "plan_id": pa.string(),
        "product_id": pa.string(),
        "code_system": pa.string(),
        "code": pa.string(),
        "total_usd": pa.float64(),
        "patients": pa.int64(),
        "last_month": pa.date32(),
    }
)


def plan_code_mix(plan_id: str, code_opportunity: pd.DataFrame) -> pa.Table:
    """The `territories/plan_code_mix` table from `fct_code_opportunity` as it stood when the plan was built."""
    frame = code_opportunity.assign(
        plan_id=plan_id,
        total_usd=code_opportunity["total_usd"].astype(float),
        last_month=pd.to_datetime(code_opportunity["last_month"]).dt.date,
    )
    return pa.Table.from_pandas(frame[SCHEMA.names], schema=SCHEMA, preserve_index=False)
