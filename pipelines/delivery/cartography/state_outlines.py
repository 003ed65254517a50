"""State outlines from the embedded Census cartographic file, as the ground that the map stands on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import _plotly_geo
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

STATE_FILE = "cb_2016_us_state_500k.shp"
# About half a mile: finer than a pixel on any map of a state or more.
COARSENESS_DEGREES = 0.01


@cache
def state_outlines() -> NDArray[np.object_]:
    """State and island polygons in degrees, by USPS code, simplified with shared borders intact."""
    path = Path(_plotly_geo.__file__).parent / "package_data" / STATE_FILE
    states = gpd.read_file(path, columns=["STUSPS"]).sort_values("STUSPS")
    return np.asarray(shapely.coverage_simplify(np.asarray(states.geometry.values), COARSENESS_DEGREES))
