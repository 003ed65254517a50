"""Small preview images of the map, for places that show pictures and not pages (run metadata, mail).

Each function gives the bytes of a PNG of at most about 150 kB; `as_markdown` makes them an inline picture.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as MarkedPath
from numpy.typing import NDArray
from PIL import Image

from pipelines.delivery.cartography.heat_classes import heat_breaks, heat_class
from pipelines.delivery.cartography.map_shapes import MapShapes, draw_shapes
from pipelines.delivery.cartography.territory_colours import PALETTE
from pipelines.delivery.report.inputs import suppressed_units, without_suppressed

SHADES = ("#dcebed", "#b5d8dc", "#84bfc6", "#4d9ba6", "#1f7280", "#08434f")
NOTHING, WITHHELD, BORDER, LAND = "#f1f3f5", "#c3cad1", "#1e2a37", "#e9ecf0"
PIXELS_WIDE = 760
DOTS_PER_INCH = 100


class NothingToDraw(ValueError):
    """Raised when no unit has a place: neither a polygon nor coordinates."""


def territory_map_png(assignment: pd.DataFrame, polygons: gpd.GeoDataFrame | None) -> bytes:
    """Territories, neighbours in different colours. `assignment`: `unit_id, territory_id` and, for units
    without a polygon (`unit_id, geometry`), `latitude, longitude`. Raises `NothingToDraw`.
    """
    shapes = _shapes(assignment, polygons)
    position = {name: index for index, name in enumerate(shapes.territory_ids)}
    fills = [PALETTE[shapes.territory_colours[position[name]]] for name in shapes.unit_territories]
    grounds = [PALETTE[colour] for colour in shapes.territory_colours] if shapes.is_points else None
    return _picture(shapes, fills, grounds=grounds)


def opportunity_map_png(assignment: pd.DataFrame, polygons: gpd.GeoDataFrame | None) -> bytes:
    """`addressable_usd` per unit in up to six shades; withheld units striped. Else as `territory_map_png`."""
    shapes = _shapes(assignment, polygons)
    units = without_suppressed(assignment).drop_duplicates("unit_id").set_index("unit_id")
    value = units["addressable_usd"].astype(float).reindex(shapes.unit_ids).to_numpy()
    hidden = suppressed_units(units).reindex(shapes.unit_ids).to_numpy(bool)
    breaks = heat_breaks(value[~hidden])
    fills = [
        WITHHELD if is_hidden else SHADES[heat_class(amount, breaks)] if amount > 0 else NOTHING
        for amount, is_hidden in zip(value, hidden, strict=True)
    ]
    return _picture(shapes, fills, hatched=hidden)


def as_markdown(png: bytes, words: str) -> str:
    """The image inline in Markdown, with `words` for who cannot see it."""
    return f"![{words}](data:image/png;base64,{base64.b64encode(png).decode('ascii')})"


def _shapes(assignment: pd.DataFrame, polygons: gpd.GeoDataFrame | None) -> MapShapes:
    shapes = draw_shapes(assignment, polygons)
    if shapes is None:
        raise NothingToDraw("no unit of the assignment has a polygon or coordinates")
    return shapes


def _picture(
    shapes: MapShapes,
    fills: Sequence[str],
    *,
    hatched: NDArray[np.bool_] | None = None,
    grounds: Sequence[str] | None = None,
) -> bytes:
    """`fills`: a colour per unit; `grounds`: a colour per territory to lie pale under points."""
    size = (PIXELS_WIDE / DOTS_PER_INCH, PIXELS_WIDE / DOTS_PER_INCH * shapes.height / shapes.width)
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, shapes.width)
    axes.set_ylim(shapes.height, 0)
    axes.add_collection(_areas(shapes.ground, facecolor=LAND, edgecolor="white", linewidth=0.4))
    if grounds:
        axes.add_collection(_areas(shapes.territory_shapes, facecolor=list(grounds), alpha=0.45, linewidth=0))
    if shapes.is_points:
        places = shapely.get_coordinates(shapes.unit_shapes)
        axes.scatter(
            places[:, 0],
            places[:, 1],
            s=float(np.clip(9000 / len(places), 0.6, 14)),
            c=list(fills),
            linewidths=0,
        )
    else:
        axes.add_collection(
            _areas(shapes.unit_shapes, facecolor=list(fills), edgecolor="white", linewidth=0.15)
        )
        if hatched is not None and hatched.any():
            stripes = _areas(
                shapes.unit_shapes[hatched], facecolor="none", edgecolor="#7b8794", linewidth=0.0
            )
            stripes.set_hatch("////")
            axes.add_collection(stripes)
    axes.add_collection(_areas(shapes.territory_shapes, facecolor="none", edgecolor=BORDER, linewidth=0.8))
    buffer = io.BytesIO()
    # No date and no software version in the file: the same map gives the same bytes.
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return _few_colours(buffer.getvalue())


def _few_colours(png: bytes) -> bytes:
    """The same picture with 128 colours, a third of the size."""
    with Image.open(io.BytesIO(png)) as image:
        buffer = io.BytesIO()
        image.convert("RGB").quantize(128).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _areas(shapes: NDArray[np.object_], **style: Any) -> PathCollection:
    return PathCollection([_path(shape) for shape in shapes], **style)


def _path(shape: Any) -> MarkedPath:
    """All rings of a (multi)polygon as one compound path; holes come out by the direction of their rings."""
    polygons = shapely.get_parts(shapely.orient_polygons(shape))
    rings = [ring for polygon in polygons for ring in shapely.get_rings(polygon)]
    if not rings:
        return MarkedPath(np.zeros((0, 2)))
    return MarkedPath.make_compound_path(
        *(MarkedPath(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )
