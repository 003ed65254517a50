"""The constant panel: sources and payer channels that delivered in every month that is compared.

Belongs here: which series take part, and saying which do not. A channel that joined, left or failed would otherwise read
as growth of everybody (T22).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SERIES = ["source", "payer_channel"]
CHANCE = 3.0  # standard deviations of a count: below that a low month of a small channel is no gap


def constant_panel(national: pd.DataFrame, months: pd.DatetimeIndex, max_drop_share: float) -> pd.MultiIndex:
    """The series (source, payer_channel) that delivered in all of `months`.

    `national`: counts by source, payer_channel (index) and month (columns). A month was not delivered where it lies more
    than `max_drop_share` below the upper quartile of the series' months, and beyond chance. The quartile, because a
    channel that came late has a low median.
    """
    counts = national.reindex(columns=months, fill_value=0.0).to_numpy(float)
    usual = np.quantile(counts, 0.75, axis=1)
    floor = (1.0 - max_drop_share) * usual
    is_gap = counts.min(axis=1) < floor - CHANCE * np.sqrt(floor)
    index = pd.MultiIndex.from_frame(national.index.to_frame(index=False)[SERIES])
    return index[(usual > 0) & ~is_gap]


def excluded_text(national: pd.DataFrame, panel: pd.MultiIndex) -> str:
    """The series left out, in words: "claims/medicaid, open/commercial"; empty where none is."""
    return ", ".join(sorted("/".join(map(str, series)) for series in national.index.difference(panel)))
