"""The planned units with who touches whom: from polygons, from a given list, or guessed from centroids.

* Counties: exact, from shared borders of the packaged polygons, or from a Census adjacency file.
* ZCTAs, packaged: approximate, from centroids and land areas.
* ZCTAs, given files: exact, from polygons or an adjacency list. A unit that the list does not know gets
  approximate edges where a border is likely; what still stands alone falls under the island policy.

Guesses are made on the whole map before the planned states are cut out, so that the cut invents no
neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.geography import census_files
from pipelines.geography.centroid_neighbours import approximate_pairs
from pipelines.geography.islands import Integers
from pipelines.geography.polygons import touching_pairs
from pipelines.problems import InputRefused, Problem

PACKAGED_COUNTIES = "cb_2016_us_county_500k"
GUESSED = "neighbours guessed from centroids"


@dataclass(frozen=True)
class UnitMap:
    """Planned units (`units.UNIT_COLUMNS`), land edges `pairs` (m, 2) as positions i < j, polygons or None.

    `is_exact` says per edge whether it is known or guessed; `vintage` names where edges come from.
    """

    units: pd.DataFrame
    pairs: Integers
    is_exact: NDArray[np.bool_]
    polygons: gpd.GeoDataFrame | None
    vintage: str


def county_map(
    units: pd.DataFrame, counties: gpd.GeoDataFrame, states: str, folder: Path | None
) -> tuple[UnitMap, list[Problem]]:
    """Counties of the planned `states`; their polygons are always the packaged ones."""
    polygons = counties[["county_fips", "geometry"]].rename(columns={"county_fips": "unit_id"})
    given = census_files.county_neighbours(folder) if folder is not None else None
    if given is None:
        return _from_polygons(units, states, polygons, PACKAGED_COUNTIES), []
    neighbours, problems = given
    found, told = _from_list(units, states, neighbours, polygons)
    return found, problems + told


def zcta_map(units: pd.DataFrame, states: str, folder: Path | None) -> tuple[UnitMap, list[Problem]]:
    """ZCTAs of the planned `states`; exact where `folder` is given, else guessed and without polygons."""
    if folder is None:
        pairs = _approximate(units)
        is_exact = np.zeros(len(pairs), bool)
        return _cut_out(units, states, pairs, is_exact=is_exact, polygons=None, vintage=GUESSED), []
    given = census_files.zcta_polygons(folder)
    if given is not None:
        return _from_polygons(units, states, *given), []
    neighbours, problems = census_files.zcta_neighbours(folder)
    found, told = _from_list(units, states, neighbours, None)
    return found, problems + told


def _from_polygons(units: pd.DataFrame, states: str, polygons: gpd.GeoDataFrame, vintage: str) -> UnitMap:
    """Exact edges from shared borders; a unit without a polygon has none."""
    units = units[_is_planned(units, states)].reset_index(drop=True)
    polygons = _polygons_of(units, polygons)
    position = pd.Index(units["unit_id"]).get_indexer(polygons["unit_id"]).astype(np.int64)
    pairs = _sorted_pairs(position[touching_pairs(polygons.geometry)])
    return UnitMap(units, pairs, np.ones(len(pairs), bool), polygons, vintage)


def _from_list(
    units: pd.DataFrame,
    states: str,
    neighbours: census_files.Neighbours,
    polygons: gpd.GeoDataFrame | None,
) -> tuple[UnitMap, list[Problem]]:
    """Exact edges of the list, and approximate ones for the units it does not know; both gaps are told."""
    problems = []
    index = pd.Index(units["unit_id"])
    a, b = index.get_indexer(neighbours.pairs["a"]), index.get_indexer(neighbours.pairs["b"])
    gone = sorted(set(neighbours.pairs["a"][a < 0]) | set(neighbours.pairs["b"][b < 0]))
    if gone:
        message = f"{len(gone)} units of the list are not on the map; their edges are left out"
        remedy = "Use a list of the same vintage as the units."
        problems.append(Problem(neighbours.file, "whole file", ", ".join(gone[:5]), message, remedy))
    known = (a >= 0) & (b >= 0)
    exact = _sorted_pairs(np.column_stack([a[known], b[known]]).astype(np.int64))
    is_unlisted = np.ones(len(units), bool)
    is_unlisted[exact.ravel()] = False
    unlisted = units.loc[is_unlisted & _is_planned(units, states), "unit_id"]
    if len(unlisted):
        message = (
            f"{len(unlisted)} units have no neighbour in the list; they get approximate edges or bridges"
        )
        remedy = "Nothing is wrong with islands; for others use a list of the same vintage as the units."
        value = ", ".join(unlisted.head(5))
        problems.append(Problem(neighbours.file, "whole file", value, message, remedy))
    guessed = _approximate(units)
    guessed = guessed[is_unlisted[guessed].any(axis=1)]
    pairs = np.vstack([exact, guessed])
    is_exact = np.arange(len(pairs)) < len(exact)
    found = _cut_out(units, states, pairs, is_exact=is_exact, polygons=polygons, vintage=neighbours.file)
    return found, problems


def _cut_out(
    units: pd.DataFrame,
    states: str,
    pairs: Integers,
    *,
    is_exact: NDArray[np.bool_],
    polygons: gpd.GeoDataFrame | None,
    vintage: str,
) -> UnitMap:
    """Only the units of the planned states, with the edges between them and their polygons."""
    planned = _is_planned(units, states)
    position = np.cumsum(planned) - 1
    kept = planned[pairs].all(axis=1)
    units = units[planned].reset_index(drop=True)
    if polygons is not None:
        polygons = _polygons_of(units, polygons)
    return UnitMap(units, position[pairs[kept]], is_exact[kept], polygons, vintage)


def _is_planned(units: pd.DataFrame, states: str) -> NDArray[np.bool_]:
    """Per unit, whether its state is planned. Raises InputRefused where none is."""
    if states == "all":
        return np.ones(len(units), bool)
    planned = units["state"].isin(states.split()).to_numpy(bool)
    if not planned.any():
        message, remedy = "no unit lies in these states", "Correct the setting states."
        raise InputRefused([Problem("settings.yml", "key states", states, message, remedy)])
    return planned


def _polygons_of(units: pd.DataFrame, polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return polygons[polygons["unit_id"].isin(units["unit_id"])].reset_index(drop=True)


def _approximate(units: pd.DataFrame) -> Integers:
    columns = (units[name].to_numpy(float) for name in ("latitude", "longitude", "land_area_sq_miles"))
    return approximate_pairs(*columns)


def _sorted_pairs(pairs: Integers) -> Integers:
    return np.unique(np.sort(pairs, axis=1), axis=0)
