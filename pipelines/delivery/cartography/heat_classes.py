"""Which of a few shades a value gets: classes with breaks that can be said aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def heat_breaks(values: Sequence[float] | NDArray[np.float64], classes: int = 6) -> list[float]:
    """Ascending lower bounds of the classes above the first, rounded to one or two digits; at most `classes -
    1`.

    Breaks are quantiles of the positive values, with more classes at the top, where opportunity concentrates.
    Fewer come back where values are too alike to tell classes apart.
    """
    positive = np.asarray(values, dtype=float)
    positive = positive[np.isfinite(positive) & (positive > 0)]
    if not len(positive):
        return []
    shares = [0.25, 0.5, 0.75, 0.9, 0.97][-(classes - 1) :]
    rounded = {_two_digits(float(value)) for value in np.quantile(positive, shares)}
    return sorted(value for value in rounded if positive.min() < value <= positive.max())


def heat_class(value: float, breaks: Sequence[float]) -> int:
    """0 for the lowest class … `len(breaks)` for the highest."""
    return int(np.searchsorted(breaks, value, side="right"))


def _two_digits(value: float) -> float:
    digits = 1 - math.floor(math.log10(value))
    return round(value, digits)
