"""The island policy: which parts of the map stand alone, and how small ones are joined to the mainland.

1. `component_id` numbers the parts that exact and approximate edges connect, the most populous first.
2. A part with less than `small_component_share` of the planned population is an island: its units are
   flagged `is_island`. All other parts are large; they are never joined, and no territory may span two of
   them. The most populous part is always large.
3. An island is joined by flagged `bridge` edges to the large part that is nearest to it: one edge to each of
   the three nearest units there. A single bridge would tie the island to whatever territory owns that unit,
   and cost balance or miles.
4. An island that lies nearer to another island of the same large part than to that part is also joined to
   its nearest neighbour island, so that an archipelago can stay together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from pipelines.geography.sphere import Floats, unit_vectors

BRIDGES = 3

Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Components:
    """Per unit: `component_id` (from 1) and `is_island`; and the bridges (m, 2), positions i < j, sorted."""

    component_id: Integers
    is_island: NDArray[np.bool_]
    bridges: Integers


def join_islands(
    pairs: Integers, latitude: Floats, longitude: Floats, population: Floats, small_component_share: float
) -> Components:
    """Apply the policy to units at positions 0…n-1 with edges `pairs` (m, 2)."""
    count = len(latitude)
    weight = population if population.sum() > 0 else np.ones(count)
    component = _number_by_weight(pairs, weight)
    share = np.bincount(component, weights=weight) / weight.sum()
    is_small = share < small_component_share
    is_small[:1] = False  # numbered by weight: 0 is the mainland
    is_island = is_small[component]
    bridges = _bridges(component, is_island, unit_vectors(latitude, longitude))
    return Components(component + 1, is_island, bridges)


def _number_by_weight(pairs: Integers, weight: Floats) -> Integers:
    """Component of each unit, numbered from 0 by falling weight, ties by the first unit."""
    count = len(weight)
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, found = connected_components(graph, directed=False)
    _, first, label = np.unique(found, return_index=True, return_inverse=True)
    order = np.lexsort((first, -np.bincount(label, weights=weight)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[label]


def _bridges(component: Integers, is_island: NDArray[np.bool_], points: Floats) -> Integers:
    islands, mainland = np.flatnonzero(is_island), np.flatnonzero(~is_island)
    if not len(islands):
        return np.empty((0, 2), np.int64)
    chord, at = cKDTree(points[mainland]).query(points[islands])
    found: list[tuple[int, int]] = []
    home: dict[int, tuple[int, float]] = {}  # island → the large part it belongs to, and how far that is
    for island in np.unique(component[islands]).tolist():
        mine = np.flatnonzero(component[islands] == island)
        nearest = mine[np.argmin(chord[mine])]
        home[island] = (int(component[mainland[at[nearest]]]), float(chord[nearest]))
    for part in sorted({large for large, _ in home.values()}):
        units = np.flatnonzero(component == part)
        tree = cKDTree(points[units])
        members = [island for island in home if home[island][0] == part]
        for island in members:
            mine = np.flatnonzero(component == island)
            found += _nearest_distinct(mine, units, tree, points)
        found += _between_islands(members, home, component, points)
    pairs = np.sort(np.array(found, np.int64).reshape(-1, 2), axis=1)
    return np.unique(pairs, axis=0)


def _nearest_distinct(
    mine: Integers, units: Integers, tree: cKDTree, points: Floats
) -> list[tuple[int, int]]:
    """The `BRIDGES` nearest of `units`, each with the unit of `mine` that is nearest to it."""
    k = min(BRIDGES, len(units))
    chord, at = tree.query(points[mine], k=k)
    chord, at = chord.reshape(len(mine), k), at.reshape(len(mine), k)
    from_unit = np.repeat(mine, k)
    to_unit = units[at.ravel()]
    chosen: dict[int, int] = {}
    for i in np.lexsort((from_unit, to_unit, chord.ravel())):
        chosen.setdefault(int(to_unit[i]), int(from_unit[i]))
        if len(chosen) == k:
            break
    return [(start, end) for end, start in chosen.items()]


def _between_islands(
    members: list[int], home: dict[int, tuple[int, float]], component: Integers, points: Floats
) -> list[tuple[int, int]]:
    """For each island its nearest other island, where that is nearer than the mainland."""
    units = np.flatnonzero(np.isin(component, members))
    found = []
    for island in members:
        mine = units[component[units] == island]
        others = units[component[units] != island]
        if not len(others):
            continue
        chord, at = cKDTree(points[others]).query(points[mine])
        nearest = int(np.argmin(chord))
        if chord[nearest] < home[island][1]:
            found.append((int(mine[nearest]), int(others[at[nearest]])))
    return found
