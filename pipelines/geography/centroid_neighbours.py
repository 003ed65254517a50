"""Neighbours guessed from centroids and land areas, where no borders are known: approximate, and labelled so.

Method: Delaunay triangulation on the sphere (the convex hull of points on a sphere is their Delaunay
triangulation). An edge is kept where the two units, taken as discs of their land area, overlap clearly, or
nearly touch with no third centroid between them (Gabriel's condition: nothing inside the circle that has the
edge as diameter). The two limits were chosen on the national 2010 ZCTA adjacency: 85 % of the edges found are
true and 74 % of the true edges are found; plain Delaunay has 73 % and 77 %, plain Gabriel 82 % and 64 %.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, cKDTree

from pipelines.geography.sphere import Floats, chord_to_miles, unit_vectors

OVERLAP = 1.3  # miles apart per mile of both radii: closer is taken as touching
NEAR = 2.0  # the same, where no third centroid lies between
# Far from any US place; they close the hull around a region that covers a small part of the globe.
_FAR_POINTS = np.vstack([np.eye(3), -np.eye(3)])


def approximate_pairs(latitude: Floats, longitude: Floats, land_area_sq_miles: Floats) -> NDArray[np.int64]:
    """Pairs (m, 2) of positions i < j that probably share a border, sorted. Unknown areas count as 0."""
    points = unit_vectors(latitude, longitude)
    pairs = _delaunay_pairs(points)
    if not len(pairs):
        return pairs
    first, second = points[pairs[:, 0]], points[pairs[:, 1]]
    miles = chord_to_miles(np.linalg.norm(first - second, axis=1))
    radius = np.sqrt(np.nan_to_num(land_area_sq_miles) / np.pi)
    reach = radius[pairs[:, 0]] + radius[pairs[:, 1]]
    middle = first + second
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    nearest, _ = cKDTree(points).query(middle)
    nothing_between = nearest >= np.linalg.norm(middle - first, axis=1) * (1 - 1e-9)
    return pairs[(miles <= OVERLAP * reach) | (nothing_between & (miles <= NEAR * reach))]


def _delaunay_pairs(points: Floats) -> NDArray[np.int64]:
    count = len(points)
    if count < 2:
        return np.empty((0, 2), np.int64)
    corners = ConvexHull(np.vstack([points, _FAR_POINTS])).simplices.astype(np.int64)
    edges = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    edges = np.sort(edges[(edges < count).all(axis=1)], axis=1)
    return np.unique(edges, axis=0)
