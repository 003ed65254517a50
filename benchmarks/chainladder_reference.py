"""Mack's chain ladder of the package `chainladder` over one triangle: what our link ratios are compared with.

Run by an interpreter that has the package (`make compare-chainladder`), on a CSV of service_month,
delivery_month, services; prints
JSON: `link_ratio` and `sigma` by age. It imports nothing of this project, whose environment need not have the package.
"""

from __future__ import annotations

import json
import sys

import chainladder
import numpy as np
import pandas as pd


def reference(rows: pd.DataFrame, window: int) -> dict[str, list[float]]:
    """Volume-weighted link ratios over the last `window` months, and Mack's sigma, from the youngest age on."""
    known = rows.assign(
        service_month=pd.to_datetime(rows["service_month"]),
        # a delivery tells of what was known at the end of the month before it
        valuation=pd.to_datetime(rows["delivery_month"]) - pd.DateOffset(months=1),
    )
    triangle = chainladder.Triangle(
        known, origin="service_month", development="valuation", columns="services", cumulative=True
    )
    fitted = chainladder.Development(average="volume", n_periods=window).fit(triangle)
    return {
        "link_ratio": np.asarray(fitted.ldf_.values, dtype=float).ravel().tolist(),
        "sigma": np.asarray(fitted.sigma_.values, dtype=float).ravel().tolist(),
    }


if __name__ == "__main__":
    print(json.dumps(reference(pd.read_csv(sys.argv[1]), int(sys.argv[2]))))
