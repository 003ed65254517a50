"""Albers equal-area conic projection on a sphere: areas are true, so what looks large is large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_MILES = 3958.76


@dataclass(frozen=True)
class Albers:
    """Snyder, *Map Projections: A Working Manual* (USGS PP 1395, 1987), equations 14-1 to 14-6. Angles in
    degrees.
    """

    parallel_1: float
    parallel_2: float
    origin_latitude: float
    central_meridian: float

    @classmethod
    def fitted_to(cls, west: float, south: float, east: float, north: float) -> Albers:
        """Standard parallels one sixth of the height in from either edge, the meridian in the middle.

        For the lower 48 states this comes close to the usual 29.5° and 45.5°; for a single state it keeps
        north up.
        """
        sixth = (north - south) / 6
        return cls(south + sixth, north - sixth, (south + north) / 2, (west + east) / 2)

    def miles(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """`(n, 2)` longitude, latitude → `(n, 2)` miles east and north of the origin. Wraps across 180°."""
        first, second, origin = np.radians([self.parallel_1, self.parallel_2, self.origin_latitude])
        cone = (np.sin(first) + np.sin(second)) / 2
        constant = np.cos(first) ** 2 + 2 * cone * np.sin(first)

        def radius(latitude: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.sqrt(np.maximum(constant - 2 * cone * np.sin(latitude), 0.0)) / cone

        east_of_meridian = (degrees[:, 0] - self.central_meridian + 180.0) % 360.0 - 180.0
        angle = cone * np.radians(east_of_meridian)
        distance = radius(np.radians(degrees[:, 1]))
        east = distance * np.sin(angle)
        north = radius(np.asarray(origin)) - distance * np.cos(angle)
        return EARTH_RADIUS_MILES * np.column_stack([east, north])
