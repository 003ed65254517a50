"""The planning units: ZCTAs as they are, or counties with the people of their ZCTAs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from pipelines.geography.sphere import degrees_of, unit_vectors

UNIT_COLUMNS = (
    "unit_id",
    "unit_type",
    "unit_name",
    "county_fips",
    "cbsa_code",
    "state",
    "latitude",
    "longitude",
    "population",
    "land_area_sq_miles",
)


def zcta_units(zctas: pd.DataFrame) -> pd.DataFrame:
    """One unit per ZCTA, columns `UNIT_COLUMNS`, sorted."""
    place = (zctas["city"] + ", " + zctas["state"]).fillna(zctas["state"])
    units = zctas.assign(unit_id=zctas["zcta"], unit_type="zcta", unit_name=zctas["zcta"] + " " + place)
    return units[list(UNIT_COLUMNS)].sort_values("unit_id", ignore_index=True)


def county_units(zctas: pd.DataFrame, counties: gpd.GeoDataFrame, letters: dict[str, str]) -> pd.DataFrame:
    """One unit per county of `counties` or of a ZCTA, columns `UNIT_COLUMNS`, sorted.

    A ZCTA's people count whole in the county that has most of its land; the centroid is weighted by people
    (by land where nobody lives). Counties without a ZCTA of their own, e.g. small independent cities, have
    population 0 and a point inside their polygon.
    """
    people = _by_county(zctas)
    known = counties.set_index("county_fips")
    ids = sorted(set(known.index) | set(people.index))
    inside = known.geometry.representative_point()
    shape = known.drop(columns="geometry").reindex(ids)
    frame = people.reindex(ids)
    state = pd.Series(ids, index=ids).str[:2].map(letters)
    name = shape["county_name"].where(shape["county_name"].notna(), frame["county_name"])
    area = shape["land_area_sq_miles"].where(shape["land_area_sq_miles"].notna(), frame["land_area_sq_miles"])
    frame = frame.assign(
        unit_id=ids,
        unit_type="county",
        unit_name=name + ", " + state,
        county_fips=ids,
        state=state,
        latitude=frame["latitude"].where(frame["latitude"].notna(), inside.y.reindex(ids)),
        longitude=frame["longitude"].where(frame["longitude"].notna(), inside.x.reindex(ids)),
        population=frame["population"].fillna(0.0),
        land_area_sq_miles=area,
    )
    return frame[list(UNIT_COLUMNS)].reset_index(drop=True)


def _by_county(zctas: pd.DataFrame) -> pd.DataFrame:
    """Population, land, CBSA, name and weighted centroid by county (mean of points on the sphere)."""
    county = zctas["county_fips"]
    lived_in = county.map(zctas.groupby(county)["population"].sum()) > 0
    land = zctas["land_area_sq_miles"].fillna(0.0) + 1e-9
    weight = np.where(lived_in, zctas["population"], land)
    points = unit_vectors(zctas["latitude"], zctas["longitude"]) * weight[:, None]
    sums = pd.DataFrame(points, index=zctas.index).groupby(county).sum()
    latitude, longitude = degrees_of(sums.to_numpy())
    grouped = zctas.groupby(county)
    return pd.DataFrame(
        {
            "county_name": grouped["county_name"].first(),
            "cbsa_code": grouped["cbsa_code"].first(),
            "population": grouped["population"].sum(),
            "land_area_sq_miles": grouped["land_area_sq_miles"].sum(),
            "latitude": latitude,
            "longitude": longitude,
        },
        index=sums.index,
    )
