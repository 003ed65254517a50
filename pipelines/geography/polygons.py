"""Unit polygons: the packaged counties, polygons from a given file, who touches whom, and simplification.

Source of the packaged counties: Census cartographic boundary file cb_2016_us_county_500k (PyPI `plotly-geo`),
clipped to the shore. Its vintage is 2016, so counties of later years are named by their 2016 predecessor.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from pipelines.geography.zip_table import package_folder

COUNTY_FILE = "package_data/cb_2016_us_county_500k.shp"
NAD83 = "EPSG:4269"
SQUARE_METRES_PER_SQUARE_MILE = 2_589_988.110336
# Counties that were renamed, merged or split after or before 2016 → the county of the 2016 polygons.
COUNTY_OF_2016 = {
    "02270": "02158",  # Wade Hampton, renamed Kusilvak in 2015
    "46113": "46102",  # Shannon, renamed Oglala Lakota in 2015
    "51515": "51019",  # Bedford city, merged into Bedford County in 2013
    "02063": "02261",  # Chugach, split from Valdez-Cordova in 2019
    "02066": "02261",  # Copper River, split from Valdez-Cordova in 2019
}
_LEGAL_NAMES = {
    "03": "City and Borough",
    "04": "Borough",
    "05": "Census Area",
    "06": "County",
    "07": "District",
    "10": "Island",
    "12": "Municipality",
    "13": "Municipio",
    "15": "Parish",
    "25": "city",
}
_SHARED_BORDER = "****1****"  # DE-9IM: boundaries meet in a line, not only in points


def county_of_2016(county_fips: pd.Series) -> pd.Series:
    return county_fips.replace(COUNTY_OF_2016)


def packaged_counties() -> gpd.GeoDataFrame:
    """3,233 counties sorted by `county_fips`: county_name, land_area_sq_miles, geometry (NAD83 degrees)."""
    frame = gpd.read_file(package_folder("_plotly_geo") / COUNTY_FILE, encoding="utf-8")
    legal = frame["LSAD"].map(_LEGAL_NAMES).fillna("")
    counties = gpd.GeoDataFrame(
        {
            "county_fips": frame["GEOID"].astype(str),
            "county_name": (frame["NAME"] + " " + legal).str.strip(),
            "land_area_sq_miles": frame["ALAND"].astype(float) / SQUARE_METRES_PER_SQUARE_MILE,
        },
        geometry=frame.geometry.values,
        crs=NAD83,
    )
    return counties.sort_values("county_fips", ignore_index=True)


def read_unit_polygons(path: Path) -> gpd.GeoDataFrame:
    """A polygon file (shapefile, zipped or not, GeoPackage, GeoJSON) as `unit_id, geometry`, sorted.

    The id is the first column of `ZCTA5CE20`, `GEOID20`, `ZCTA5CE10`, `GEOID`, `unit_id`. Raises ValueError
    where none is there.
    """
    frame = gpd.read_file(path)
    known = ("ZCTA5CE20", "GEOID20", "ZCTA5CE10", "GEOID", "unit_id")
    name = next((column for column in known if column in frame.columns), None)
    if name is None:
        raise ValueError(f"none of the columns {', '.join(known)} is there")
    crs = frame.crs or NAD83
    units = gpd.GeoDataFrame({"unit_id": frame[name].astype(str)}, geometry=frame.geometry.values, crs=crs)
    return units.to_crs(NAD83).sort_values("unit_id", ignore_index=True)


def touching_pairs(geometry: gpd.GeoSeries) -> NDArray[np.int64]:
    """Pairs (m, 2) of positions i < j whose polygons share a stretch of border; a corner is not enough."""
    shapes = np.asarray(geometry.values)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    candidate = first < second
    first, second = first[candidate], second[candidate]
    shared = shapely.relate_pattern(shapes[first], shapes[second], _SHARED_BORDER)
    pairs = np.column_stack([first[shared], second[shared]])
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def simplify_together(polygons: gpd.GeoDataFrame, tolerance_degrees: float) -> gpd.GeoDataFrame:
    """Simplified as one coverage (Visvalingam-Whyatt on shared edges), so that neighbours keep one border."""
    simple = shapely.coverage_simplify(np.asarray(polygons.geometry.values), tolerance_degrees)
    return polygons.set_geometry(gpd.GeoSeries(simple, index=polygons.index, crs=polygons.crs))
