"""Where on the page each part of the country is drawn: the main map, scaled insets for what lies far off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.delivery.cartography.albers import Albers

MAINLAND = "mainland"
FAR_REGIONS = ("Alaska", "Hawaii", "Puerto Rico, USVI", "Pacific islands")
MARGIN = 10.0
# The lowest pixels of an inset are kept free for its name.
CAPTION_HEIGHT = 14.0
INSET_SIZES = {"Alaska": (200.0, 140.0), "Hawaii": (140.0, 95.0)}
OTHER_INSET = (150.0, 85.0)


@dataclass(frozen=True)
class Frame:
    """One map window: which region, how it is projected, and its box in pixels (x right, y down)."""

    region: str
    projection: Albers
    pixels_per_mile: float
    centre_miles: tuple[float, float]
    box: tuple[float, float, float, float]

    def pixels(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """`(n, 2)` longitude, latitude → `(n, 2)` pixels on the page."""
        centre = np.array([(self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2])
        miles = self.projection.miles(degrees) - np.asarray(self.centre_miles)
        return centre + miles * np.array([self.pixels_per_mile, -self.pixels_per_mile])

    def draw(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Geometries in degrees → the same in pixels."""
        return shapely.transform(shapes, self.pixels)


def region_of(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.str_]:
    """`mainland` or one of `FAR_REGIONS`, for each place."""
    west = np.where(longitude > 0, longitude - 360.0, longitude)
    conditions = [
        (west < -129.0) & (latitude > 50.0),
        (west > -179.0) & (west < -150.0) & (latitude > 0.0) & (latitude < 30.0),
        (west > -69.0) & (latitude < 20.0),
        (west < -165.0) & (latitude < 25.0),
    ]
    return np.select(conditions, FAR_REGIONS, default=MAINLAND)


def without_remote_islets(shapes: NDArray[np.object_], region: str) -> NDArray[np.object_]:
    """Hawaii without its uninhabited chain to the northwest, which would shrink the rest to dots."""
    return shapely.clip_by_rect(shapes, -160.6, 18.0, -154.0, 23.0) if region == "Hawaii" else shapes


def arrange_frames(
    shapes_by_region: dict[str, NDArray[np.object_]], width: float, tallest: float
) -> tuple[tuple[Frame, ...], float]:
    """One frame per region with anything in it, and the page height that results.

    The main frame fills `width` (up to the height `tallest`) from the page's corner. Insets stand in a row at
    the bottom left; the page grows downwards just as far as keeps them clear of what the main map draws.
    """
    present = [name for name in (MAINLAND, *FAR_REGIONS) if len(shapes_by_region.get(name, ()))]
    main = _fit(present[0], shapes_by_region[present[0]], (0.0, 0.0), (width, tallest), hug_height=True)
    height = main.box[3]
    if len(present) == 1:
        return (main,), height
    sizes = [INSET_SIZES.get(name, OTHER_INSET) for name in present[1:]]
    height = _lowered(main.draw(shapes_by_region[present[0]]), sizes, height)
    frames, left = [main], 0.0
    for name, size in zip(present[1:], sizes, strict=True):
        map_size = (size[0], size[1] - CAPTION_HEIGHT)
        frames.append(_fit(name, shapes_by_region[name], (left, height - size[1]), map_size))
        left += size[0]
    return tuple(frames), height


def bounds_of(shapes: Iterable[object]) -> tuple[float, float, float, float]:
    """West, south, east, north over all shapes; places east of 180° count as far west (the Aleutians)."""
    coordinates = shapely.get_coordinates(np.asarray(list(shapes), dtype=object))
    west = np.where(coordinates[:, 0] > 0, coordinates[:, 0] - 360.0, coordinates[:, 0])
    return (
        float(west.min()),
        float(coordinates[:, 1].min()),
        float(west.max()),
        float(coordinates[:, 1].max()),
    )


def _fit(
    region: str,
    shapes: NDArray[np.object_],
    corner: tuple[float, float],
    size: tuple[float, float],
    *,
    hug_height: bool = False,
) -> Frame:
    projection = Albers.fitted_to(*_padded(bounds_of(shapes)))
    miles = projection.miles(shapely.get_coordinates(shapes))
    low, high = miles.min(axis=0), miles.max(axis=0)
    extent = np.maximum(high - low, 1.0)
    room = np.array(size) - 2 * MARGIN
    scale = float((room / extent).min())
    box_height = float(extent[1] * scale + 2 * MARGIN) if hug_height else size[1]
    box = (corner[0], corner[1], corner[0] + size[0], corner[1] + box_height)
    centre = (low + high) / 2
    return Frame(region, projection, scale, (float(centre[0]), float(centre[1])), box)


def _lowered(drawn: NDArray[np.object_], sizes: list[tuple[float, float]], height: float) -> float:
    """The least page height, in steps of 5 pixels, at which no inset of the row covers a drawn shape."""
    tree = shapely.STRtree(drawn)
    lefts = np.concatenate([[0.0], np.cumsum([size[0] for size in sizes])[:-1]])
    for lower in np.arange(height, height + max(size[1] for size in sizes) + 5.0, 5.0):
        row = [
            shapely.box(left, lower - size[1], left + size[0], lower)
            for left, size in zip(lefts, sizes, strict=True)
        ]
        if not len(tree.query(row, predicate="intersects")[0]):
            return float(lower)
    return height + max(size[1] for size in sizes)


def _padded(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """At least a tenth of a degree each way, so that a single point is still a map."""
    west, south, east, north = bounds
    return west - 0.05, south - 0.05, east + 0.05, north + 0.05
