"""Distances on the globe, in statute miles, vectorised. No map projection anywhere: it would bend Alaska."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_MILES = 3958.7613  # mean radius, IUGG

Floats: TypeAlias = NDArray[np.float64]


def unit_vectors(latitude: ArrayLike, longitude: ArrayLike) -> Floats:
    """Degrees → points (n, 3) on the unit sphere; nearest by chord is nearest by great circle."""
    lat, lon = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def degrees_of(vectors: Floats) -> tuple[Floats, Floats]:
    """Points (n, 3), of any length above 0 → latitude and longitude in degrees."""
    latitude = np.degrees(np.arctan2(vectors[:, 2], np.hypot(vectors[:, 0], vectors[:, 1])))
    return latitude, np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0]))


def chord_to_miles(chord: ArrayLike) -> Floats:
    """Length of a chord of the unit sphere → great-circle miles."""
    return 2 * EARTH_RADIUS_MILES * np.arcsin(np.clip(np.asarray(chord, float) / 2, 0.0, 1.0))


def great_circle_miles(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Haversine distance in miles; arguments in degrees, broadcast against each other."""
    a, b, c, d = (np.radians(np.asarray(value, float)) for value in (lat1, lon1, lat2, lon2))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
