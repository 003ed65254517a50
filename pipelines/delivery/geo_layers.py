"""The map as data: units and dissolved territories as GeoParquet, for GIS and BI tools."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from pipelines.atomic_files import replace_file

DEGREES = "EPSG:4326"
UNIT_COLUMNS = (
    "unit_id",
    "unit_name",
    "state",
    "territory_id",
    "territory_name",
    "addressable_usd",
    "is_suppressed",
)


def unit_layer(assignment: pd.DataFrame, polygons: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """One row per assigned unit that can be drawn, sorted by `unit_id`, with its values as in the mart.

    Geometry is the unit's area from `polygons` (`unit_id, geometry`), else a point at the assignment's
    `latitude, longitude`; a unit with neither is left out. None where no unit can be drawn. Reference system:
    EPSG:4326.
    """
    shapes = pd.Series(index=assignment.index, dtype=object)
    if polygons is not None and len(polygons):
        areas = in_degrees(polygons).drop_duplicates("unit_id").set_index("unit_id").geometry
        found = areas.reindex(assignment["unit_id"]).to_numpy()
        shapes[:] = shapely.make_valid(found, method="structure", keep_collapsed=False)
    if {"latitude", "longitude"} <= set(assignment.columns):
        bare = shapes.isna() & assignment["latitude"].notna() & assignment["longitude"].notna()
        places = assignment.loc[bare, ["longitude", "latitude"]].to_numpy(float)
        shapes[bare] = shapely.points(places)
    drawn = shapes.notna()
    if not drawn.any():
        return None
    columns = [name for name in UNIT_COLUMNS if name in assignment.columns]
    layer = gpd.GeoDataFrame(assignment.loc[drawn, columns], geometry=shapes[drawn].to_numpy(), crs=DEGREES)
    return layer.sort_values("unit_id", ignore_index=True)


def territory_layer(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """One valid (multi)polygon per territory: `territory_id, units, geometry`. None where all units are
    points.
    """
    areas = units[units.geom_type.isin(["Polygon", "MultiPolygon"])].dropna(subset=["territory_id"])
    if areas.empty:
        return None
    rows = [
        (territory_id, len(members), shapely.union_all(np.asarray(members.geometry.values)))
        for territory_id, members in areas.groupby("territory_id", sort=True)
    ]
    frame = pd.DataFrame(rows, columns=["territory_id", "units", "geometry"])
    frame["geometry"] = shapely.make_valid(
        frame["geometry"].to_numpy(), method="structure", keep_collapsed=False
    )
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=DEGREES)


def in_degrees(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame in longitude and latitude; a frame without a reference system is taken to be in degrees
    already.
    """
    if polygons.crs is None or polygons.crs.is_geographic:
        return polygons.set_crs(DEGREES, allow_override=True)
    return polygons.to_crs(DEGREES)


def write_geo_parquet(target: Path, layer: gpd.GeoDataFrame) -> Path:
    """GeoParquet with a fixed encoding: same layer, same bytes."""
    return replace_file(
        target, lambda path: layer.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")
    )
