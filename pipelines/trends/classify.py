"""The four words for a trend, from its interval.

Belongs here: the rule alone. `growing` and `contracting` must differ from no change and not merely by what does not
matter; `flat` must be known to be flat, by the cell's own counts; whatever is neither is `undetermined`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLASSES = ("growing", "flat", "contracting", "undetermined")


def trend_classes(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    own_half_width: NDArray[np.float64],
    *,
    flat_share: float,
    max_interval_share: float,
) -> NDArray[np.object_]:
    """Classes of cells. `low` and `high`: the shrunk interval of growth, as shares; `own_half_width`: half the width of
    the unshrunk interval, relative (0.3 = ±30 %); nan means that nothing could be compared.

    * flat: the interval lies within ±`flat_share`, and the own half width is at most `max_interval_share`, so that a
      handful of procedures is not called flat for the company it keeps;
    * growing: the interval lies above 0 and reaches beyond `flat_share`; contracting: the reverse.
    """
    flat = (low >= -flat_share) & (high <= flat_share) & (own_half_width <= max_interval_share)
    growing = (low > 0.0) & (high > flat_share)
    contracting = (high < 0.0) & (low < -flat_share)
    return np.select([flat, growing, contracting], ["flat", "growing", "contracting"], "undetermined").astype(
        object
    )
