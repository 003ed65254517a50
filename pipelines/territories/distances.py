"""How far units are from seats: over a travel model, a given matrix, or hops on the graph.

One method, `between`, serves the whole engine; nothing of size n x n is kept unless it was given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from pipelines.territories.problem import FloatArray, IntArray, Problem, TravelModel

MILES_PER_DEGREE = 69.0


class Distances(Protocol):
    def between(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        """Miles (or hops), shape (origins, destinations); taken as symmetric."""
        ...


@dataclass(frozen=True)
class TravelDistances:
    latitude: FloatArray
    longitude: FloatArray
    travel: TravelModel

    def between(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        return self.to_points(origins, self.latitude[destinations], self.longitude[destinations])

    def to_points(self, origins: IntArray, latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        shape = (len(origins), len(latitude))
        miles = self.travel.miles(
            np.repeat(self.latitude[origins], shape[1]),
            np.repeat(self.longitude[origins], shape[1]),
            np.tile(latitude, shape[0]),
            np.tile(longitude, shape[0]),
        )
        return np.asarray(miles, dtype=np.float64).reshape(shape)


@dataclass(frozen=True)
class MatrixDistances:
    matrix: FloatArray

    def between(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        return self.matrix[np.ix_(origins, destinations)]


@dataclass(frozen=True)
class HopDistances:
    """Shortest paths by number of borders crossed, searched from each destination once."""

    graph: csr_array
    known: dict[int, FloatArray] = field(default_factory=dict)

    def between(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        new = sorted({int(d) for d in destinations} - self.known.keys())
        if new:
            hops = dijkstra(self.graph, directed=False, indices=new, unweighted=True)
            self.known.update(zip(new, hops, strict=True))
        return np.stack([self.known[int(d)][origins] for d in destinations], axis=1)


def distances_of(problem: Problem, links: IntArray) -> Distances:
    """The best distances the problem offers. `links` (l, 2) are the edges added for pieces that nothing
    joins.
    """
    if problem.distance_matrix is not None:
        return MatrixDistances(problem.distance_matrix)
    if problem.latitude is not None and problem.longitude is not None and problem.travel is not None:
        return TravelDistances(problem.latitude, problem.longitude, problem.travel)
    edges = np.concatenate([problem.edges, links])
    count = len(problem.unit_ids)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    return HopDistances(csr_array(graph))


def plane_coordinates(problem: Problem, units: IntArray, distances: Distances) -> FloatArray:
    """Rough x, y in miles, shape (units, 2), for cutting and for picking candidates only, never for
    measuring.

    Without geography each unit is placed by its distance to two far-apart units.
    """
    if problem.latitude is not None and problem.longitude is not None:
        latitude, longitude = problem.latitude[units], problem.longitude[units]
        # Longitudes relative to the first unit, so that the Aleutians do not tear at the date line.
        turned = (longitude - longitude[0] + 180.0) % 360.0 - 180.0
        shrink = np.cos(np.radians(latitude.mean()))
        return np.stack([turned * MILES_PER_DEGREE * shrink, latitude * MILES_PER_DEGREE], axis=1)
    from_first = distances.between(units, units[:1])[:, 0]
    pivot = units[int(np.argmax(from_first))]
    from_pivot = distances.between(units, np.array([pivot]))[:, 0]
    far = units[int(np.argmax(from_pivot))]
    from_far = distances.between(units, np.array([far]))[:, 0]
    return np.stack([from_pivot - from_far, from_pivot + from_far], axis=1)
