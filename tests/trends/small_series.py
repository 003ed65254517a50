"""Monthly counts small enough to follow by hand, in the shape that trends are measured on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pandas as pd

from pipelines.trends.growth import TrendRule

Volume: TypeAlias = Callable[[pd.Timestamp], float]

RULE = TrendRule(
    recent_months=2,
    flat_share=0.1,
    usual_change_share=0.15,
    max_interval_share=0.35,
    interval_level=0.9,
    completion_floor_share=0.8,
    max_drop_share=0.5,
)


def counts_of(
    members: dict[str, Volume],
    *,
    first: str = "2023-01-01",
    months: int = 38,
    series: tuple[str, str] = ("claims", "commercial"),
    level: str = "provider",
) -> pd.DataFrame:
    """Rows of `members` (volume by month) at `level`, and of the nation that they add up to. Nothing on weekends."""
    index = pd.date_range(first, periods=months, freq="MS")
    volumes = pd.DataFrame(
        {name: [float(volume(month)) for month in index] for name, volume in members.items()}
    )
    national = pd.DataFrame({"nation": volumes.sum(axis=1)})
    frames = [
        pd.DataFrame(
            {
                "product_id": "joint",
                "level": where,
                "member_id": np.repeat(table.columns.to_numpy(), months),
                "source": series[0],
                "payer_channel": series[1],
                "service_month": np.tile(index.to_numpy(), table.shape[1]),
                "procedures": table.to_numpy().T.ravel(),
                "weekend_procedures": 0.0,
                "completeness_share": 1.0,
                "completeness_error": 0.0,
            }
        )
        for where, table in ((level, volumes), ("nation", national))
    ]
    return pd.concat(frames, ignore_index=True)
