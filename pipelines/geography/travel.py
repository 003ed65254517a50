"""How far and how long a drive is: one interface, a default that needs no roads, and a user's own table.

The default multiplies the straight line by a detour that shrinks with distance, because long trips follow
straight highways. Published anchors: Ballou, Rahardja and Sakai (2002), "Selected country circuity factors
for road travel distance estimation", Transportation Research Part A 36, give 1.20 for the United States;
Boscoe, Henry and Zdeb (2012), "A nationwide comparison of driving distance versus straight-line distance to
hospitals", The Professional Geographer 64, give 1.417 for the trip to the nearest hospital. The exponential
between them is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pipelines.config.model import BusinessConfig
from pipelines.geography.sphere import Floats, great_circle_miles
from pipelines.problems import Problem


class TravelModel(Protocol):
    """Drives between points in degrees; arguments broadcast against each other, one result for each pair."""

    def miles(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
        """Road miles."""
        ...

    def minutes(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
        """Driving minutes."""
        ...


@dataclass(frozen=True)
class CircuityTravel:
    """Straight line × detour; speed rises from local to highway over the same distance as the detour falls.

    Both results are metrics (0 for one place, symmetric, monotone in distance, no detour is a short cut),
    which holds because `circuity_near >= circuity_far >= 1` and `speed_highway_mph >= speed_local_mph > 0`;
    anything else is a ValueError.
    """

    circuity_near: float
    circuity_far: float
    circuity_decay_miles: float
    speed_local_mph: float
    speed_highway_mph: float

    def __post_init__(self) -> None:
        if not self.circuity_near >= self.circuity_far >= 1:
            raise ValueError("circuity must fall with distance and never be below 1")
        if not self.speed_highway_mph >= self.speed_local_mph > 0:
            raise ValueError("speed must rise with distance and be above 0")
        if not self.circuity_decay_miles > 0:
            raise ValueError("circuity_decay_miles must be above 0")

    def road_miles(self, straight_miles: ArrayLike) -> Floats:
        straight = np.asarray(straight_miles, float)
        fading = np.exp(-straight / self.circuity_decay_miles)
        return straight * (self.circuity_far + (self.circuity_near - self.circuity_far) * fading)

    def miles(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
        return self.road_miles(great_circle_miles(lat1, lon1, lat2, lon2))

    def minutes(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
        miles = self.miles(lat1, lon1, lat2, lon2)
        fading = np.exp(-miles / self.circuity_decay_miles)
        speed = self.speed_highway_mph - (self.speed_highway_mph - self.speed_local_mph) * fading
        return 60 * miles / speed


def travel_from_settings(config: BusinessConfig) -> CircuityTravel:
    return CircuityTravel(
        circuity_near=config.number("circuity_near"),
        circuity_far=config.number("circuity_far"),
        circuity_decay_miles=config.number("circuity_decay_miles"),
        speed_local_mph=config.number("speed_local_mph"),
        speed_highway_mph=config.number("speed_highway_mph"),
    )


class MatrixTravel:
    """A user's table of drives between named points, and `fallback` for every pair it does not hold.

    `points`: point_id, latitude, longitude (e.g. `geography/unit`). `pairs`: from_id, to_id, miles, minutes.
    A pair given in one direction holds for both; given in both, each keeps its own. Points are met again by
    their coordinates, to about a metre. Rows that cannot be used are in `problems` and left out.
    """

    def __init__(self, points: pd.DataFrame, pairs: pd.DataFrame, fallback: TravelModel):
        self.fallback = fallback
        self.problems: list[Problem] = []
        place = _place_key(points["latitude"], points["longitude"])
        order = np.argsort(place, kind="stable")
        self._places = place[order]
        number = pd.Series(np.searchsorted(self._places, place), index=points["point_id"].astype(str))
        number = number[~number.index.duplicated()]
        drives = {name: pd.to_numeric(pairs[name], errors="coerce") for name in ("miles", "minutes")}
        pairs = pairs.assign(**drives)
        good = pairs[self._usable(pairs, set(number.index))]
        start = good["from_id"].astype(str).map(number).to_numpy(np.int64)
        end = good["to_id"].astype(str).map(number).to_numpy(np.int64)
        both_ways = pd.DataFrame(
            {
                "key": np.concatenate([self._pair_key(start, end), self._pair_key(end, start)]),
                "miles": np.tile(good["miles"].to_numpy(float), 2),
                "minutes": np.tile(good["minutes"].to_numpy(float), 2),
            }
        )
        # as given comes before mirrored, so a direction that was given keeps its own value
        both_ways = both_ways.drop_duplicates("key").sort_values("key")
        self._keys = both_ways["key"].to_numpy(np.int64)
        self._drives = {name: both_ways[name].to_numpy(float) for name in ("miles", "minutes")}

    def holds(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> np.ndarray:
        """Whether the table has the pair."""
        return self._find(lat1, lon1, lat2, lon2) >= 0

    def miles(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
        return self._look_up("miles", self.fallback.miles(lat1, lon1, lat2, lon2), lat1, lon1, lat2, lon2)

    def minutes(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
        return self._look_up("minutes", self.fallback.minutes(lat1, lon1, lat2, lon2), lat1, lon1, lat2, lon2)

    def _look_up(self, name: str, otherwise: Floats, *points: ArrayLike) -> Floats:
        at = self._find(*points)
        if not len(self._keys):
            return otherwise
        return np.where(at >= 0, self._drives[name][at], otherwise)

    def _find(self, lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> np.ndarray:
        """Position of each pair among the keys, -1 where absent."""
        start, end = np.broadcast_arrays(self._number(lat1, lon1), self._number(lat2, lon2))
        key = np.where((start < 0) | (end < 0), -1, self._pair_key(start, end))
        return _position(self._keys, key)

    def _number(self, latitude: ArrayLike, longitude: ArrayLike) -> np.ndarray:
        return _position(self._places, _place_key(latitude, longitude))

    def _pair_key(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        return start.astype(np.int64) * len(self._places) + end

    def _usable(self, pairs: pd.DataFrame, known: set[str]) -> np.ndarray:
        named = pairs["from_id"].astype(str).isin(known) & pairs["to_id"].astype(str).isin(known)
        measured = np.isfinite(pairs["miles"]) & np.isfinite(pairs["minutes"])
        measured &= (pairs["miles"] >= 0) & (pairs["minutes"] >= 0)
        for bad, message, remedy in (
            (~named, "a point of the pair is not known", "Use the ids of the planned units."),
            (named & ~measured, "the drive is not a number of at least 0", "Correct or remove the row."),
        ):
            for i in np.flatnonzero(bad):
                row = pairs.iloc[i]
                value = f"{row['from_id']} to {row['to_id']}"
                self.problems.append(Problem("travel pairs", f"row {i + 1}", value, message, remedy))
        return (named & measured).to_numpy()


def _place_key(latitude: ArrayLike, longitude: ArrayLike) -> np.ndarray:
    """Coordinates as one integer, to 1e-5 degrees; missing coordinates are no place that is known."""
    lat = np.rint((np.nan_to_num(np.asarray(latitude, float), nan=-91) + 90) * 1e5).astype(np.int64)
    lon = np.rint((np.nan_to_num(np.asarray(longitude, float), nan=-181) + 180) * 1e5).astype(np.int64)
    return np.asarray(lat * 40_000_000 + lon)


def _position(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Position of each wanted key in the ascending `keys`, -1 where it is not there."""
    if not len(keys):
        return np.full(np.shape(wanted), -1)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)
