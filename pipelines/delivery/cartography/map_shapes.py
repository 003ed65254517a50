"""A market as shapes in pixels: units, territories, the states around them. What every map is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from pipelines.delivery.cartography.frames import (
    Frame,
    arrange_frames,
    bounds_of,
    region_of,
    without_remote_islets,
)
from pipelines.delivery.cartography.state_outlines import state_outlines
from pipelines.delivery.cartography.territory_colours import colour_indexes, touching_pairs
from pipelines.delivery.geo_layers import unit_layer

TOLERANCE_PIXELS = 0.6
SMALLEST_PART_SQ_PIXELS = 0.6
AROUND_POINTS_DEGREES = 0.3


@dataclass(frozen=True)
class MapShapes:
    """Everything drawn, in pixels, y down. Arrays run parallel to `unit_ids` and `territory_ids` (both
    sorted).

    `is_points`: units are points; `territory_shapes` are then approximate, made of the ground nearest to each
    territory's units. `state_borders` are lines over the market, `ground` is land beneath it.
    `not_drawn`: assigned units for which no place is known.
    """

    width: float
    height: float
    frames: tuple[Frame, ...]
    is_points: bool
    unit_ids: NDArray[np.object_]
    unit_territories: NDArray[np.object_]
    unit_shapes: NDArray[np.object_]
    territory_ids: NDArray[np.object_]
    territory_shapes: NDArray[np.object_]
    territory_colours: list[int]
    ground: NDArray[np.object_]
    not_drawn: int

    def place(self, longitude: float, latitude: float) -> tuple[float, float] | None:
        """Pixels of a place, or None where no frame shows its region or the coordinates are missing."""
        if not (np.isfinite(longitude) and np.isfinite(latitude)):
            return None
        region = str(region_of(np.array([longitude]), np.array([latitude]))[0])
        for frame in self.frames:
            if frame.region == region:
                x, y = frame.pixels(np.array([[longitude, latitude]]))[0]
                return float(x), float(y)
        return None


def draw_shapes(
    assignment: pd.DataFrame,
    polygons: gpd.GeoDataFrame | None,
    *,
    width: float = 960.0,
    tallest: float = 640.0,
) -> MapShapes | None:
    """Project, simplify and dissolve. `assignment`: `unit_id, territory_id`, and `latitude, longitude` for
    units without a polygon. None where nothing can be drawn.
    """
    layer = unit_layer(assignment.dropna(subset=["territory_id"]), polygons)
    if layer is None:
        return None
    is_points = bool((layer.geom_type == "Point").mean() > 0.5)
    # One kind of drawing per map: stray points on a map of areas (or the reverse) are counted, not mixed in.
    layer = layer[(layer.geom_type == "Point") == is_points].reset_index(drop=True)
    degrees = np.asarray(layer.geometry.values)
    corners = shapely.bounds(degrees)
    regions = region_of((corners[:, 0] + corners[:, 2]) / 2, (corners[:, 1] + corners[:, 3]) / 2)
    # A unit across the date line has a middle of no use; its first vertex says where it is.
    across = corners[:, 2] - corners[:, 0] > 180
    if across.any():
        first = np.array([shapely.get_coordinates(shape)[0] for shape in degrees[across]])
        regions[across] = region_of(first[:, 0], first[:, 1])

    by_region = {
        str(region): without_remote_islets(degrees[regions == region], str(region))
        for region in np.unique(regions)
    }
    fitted = by_region
    if is_points:  # ground reaches beyond the outermost points: leave room for it
        fitted = {
            name: shapely.buffer(found, AROUND_POINTS_DEGREES, quad_segs=1)
            for name, found in by_region.items()
        }
    frames, height = arrange_frames(fitted, width, tallest)
    unit_shapes = np.empty(len(layer), dtype=object)
    ground: list[object] = []
    land_by_region = {}
    for frame in frames:
        members = regions == frame.region
        drawn = frame.draw(by_region[frame.region])
        unit_shapes[members] = drawn if is_points else _simplified(drawn)
        land_by_region[frame.region] = land = _land_around(by_region[frame.region], frame)
        ground.extend(shapely.clip_by_rect(land, *frame.box))
    territories = layer["territory_id"].to_numpy(object)
    territory_ids = np.array(sorted(set(territories)), dtype=object)
    if is_points:
        territory_shapes = _nearest_ground(
            unit_shapes, territories, territory_ids, regions, frames, land_by_region=land_by_region
        )
    else:
        territory_shapes = _dissolve(unit_shapes, territories, territory_ids)
    return MapShapes(
        width=width,
        height=float(height),
        frames=frames,
        is_points=is_points,
        unit_ids=layer["unit_id"].to_numpy(object),
        unit_territories=territories,
        unit_shapes=unit_shapes,
        territory_ids=territory_ids,
        territory_shapes=territory_shapes,
        territory_colours=colour_indexes(len(territory_ids), touching_pairs(territory_shapes)),
        ground=np.array([shape for shape in ground if not shapely.is_empty(shape)], dtype=object),
        not_drawn=len(assignment) - len(layer),
    )


def _simplified(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Fewer vertices, shared borders still shared; specks below a pixel go unless they are all there is."""
    simple = shapely.coverage_simplify(shapes, TOLERANCE_PIXELS)
    parts, owner = shapely.get_parts(simple, return_index=True)
    areas = shapely.area(parts)
    largest = np.zeros(len(shapes))
    np.maximum.at(largest, owner, areas)
    keep = (areas >= SMALLEST_PART_SQ_PIXELS) | (areas == largest[owner])
    return shapely.multipolygons(parts[keep], indices=owner[keep])


def _dissolve(
    shapes: NDArray[np.object_], territories: NDArray[np.object_], territory_ids: NDArray[np.object_]
) -> NDArray[np.object_]:
    """The union of each territory's shapes."""
    return np.array([shapely.union_all(shapes[territories == name]) for name in territory_ids], dtype=object)


def _land_around(degrees: NDArray[np.object_], frame: Frame) -> NDArray[np.object_]:
    """State outlines near a frame's units, in pixels."""
    west, south, east, north = bounds_of(degrees)
    states = state_outlines()
    corners = shapely.bounds(states)
    centres = np.column_stack([(corners[:, 0] + corners[:, 2]) / 2, (corners[:, 1] + corners[:, 3]) / 2])
    same_region = region_of(centres[:, 0], centres[:, 1]) == frame.region
    if frame.region == "Alaska":
        same_region = corners[:, 3] > 60.0
    near = (
        (corners[:, 0] < east + 3)
        & (corners[:, 2] > west - 3)
        & (corners[:, 1] < north + 3)
        & (corners[:, 3] > south - 3)
    )
    chosen = states[same_region & (near | (frame.region == "Alaska"))]
    return frame.draw(without_remote_islets(chosen, frame.region))


def _nearest_ground(
    points: NDArray[np.object_],
    territories: NDArray[np.object_],
    territory_ids: NDArray[np.object_],
    regions: NDArray[np.str_],
    frames: tuple[Frame, ...],
    *,
    land_by_region: dict[str, NDArray[np.object_]],
) -> NDArray[np.object_]:
    """For each territory the land nearer to its points than to any other, within the states that hold any
    point.
    """
    parts: list[list[object]] = [[] for _ in territory_ids]
    for frame in frames:
        members = np.flatnonzero(regions == frame.region)
        # Where several units share a place, the first of them has it.
        places, first = np.unique(shapely.get_coordinates(points[members]), axis=0, return_index=True)
        box = shapely.box(*frame.box)
        diagram = shapely.voronoi_polygons(shapely.MultiPoint(places), extend_to=box, ordered=True)
        cells = shapely.get_parts(diagram) if len(places) > 1 else np.array([box], dtype=object)
        land = land_by_region[frame.region]
        inhabited = np.unique(shapely.STRtree(land).query(points[members], predicate="intersects")[1])
        ground = shapely.union_all(shapely.make_valid(land[inhabited])) if len(inhabited) else box
        merged = _dissolve(cells, territories[members[first]], territory_ids)
        for position, shape in enumerate(shapely.intersection(merged, ground)):
            parts[position].append(shape)
    return np.array([shapely.union_all(pieces) for pieces in parts], dtype=object)
