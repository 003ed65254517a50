"""Shapes in pixels → SVG path text, small: whole tenths of a pixel, relative steps, nothing said twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

UNITS_PER_PIXEL = 10


def path_of(shape: Any) -> str:
    """Closed rings of a (multi)polygon; rings that shrink to less than a triangle vanish. `""` where none is
    left.
    """
    rings = []
    for polygon in shapely.get_parts(np.atleast_1d(np.asarray(shape, dtype=object))):
        if shapely.get_type_id(polygon) == shapely.GeometryType.POLYGON:
            rings.extend(shapely.get_rings(polygon))
    return "".join(filter(None, (_ring(shapely.get_coordinates(ring)) for ring in rings)))


def dots_of(places: Iterable[tuple[float, float]]) -> str:
    """Steps of no length at each place: with round line ends and a line width they are dots."""
    cells = np.rint(np.asarray(list(places)) * UNITS_PER_PIXEL).astype(int)
    return "".join(f"M{x} {y}h0" for x, y in cells.tolist())


def _ring(coordinates: NDArray[np.float64]) -> str:
    grid = np.rint(coordinates * UNITS_PER_PIXEL).astype(np.int64)
    grid = grid[np.append(True, (np.diff(grid, axis=0) != 0).any(axis=1))]
    if len(grid) < 4:
        return ""
    steps = np.diff(grid[:-1], axis=0)
    # A minus sign also separates two numbers, so a space is needed only before what is not negative.
    text = "".join(f"{_spaced(x)}{_spaced(y)}" for x, y in steps.tolist()).lstrip()
    return f"M{grid[0, 0]} {grid[0, 1]}l{text}z"


def _spaced(number: int) -> str:
    return str(number) if number < 0 else f" {number}"
