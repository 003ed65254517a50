"""How long a year of calls keeps a rep on the road, without routing a single day.

Two parts, after Daganzo (1984), "The distance traveled to visit N points with a maximum of C stops per
vehicle", Transportation Science 18: going out to where the day is spent, and moving between stops there.

*Between stops.* Beardwood, Halton and Hammersley (1959), "The shortest path through many points", Proceedings
of the Cambridge Philosophical Society 55: the shortest tour through m points scattered over an area A is
about k·sqrt(m·A), with k = 0.7124 (Johnson, McGeoch and Rothberg, 1996). A unit is swept f times a year, f
being the visits of its most visited account. A sweep calls on m = V/f accounts, V being all visits of the
unit. So a year is f·k·sqrt(m·A) = k·sqrt(f·V·A) straight miles and one hop is k·sqrt(f·A/V); the travel model
turns the hop into road miles (circuity) and minutes.

*Going out.* Work W (visits and hops) in a unit d minutes from the seat fills days of H minutes, each less the
round trip 2d: W / (H - 2d) trips of 2d minutes. A trip never spends more than half of its time on the way:
where 2d > H/2 the rep stays for several days, and going out costs as much time as the work itself.

An estimate, and a careful one: accounts crowd in towns, which shortens hops; the formula spreads them evenly.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipelines.geography.sphere import EARTH_RADIUS_MILES
from pipelines.geography.travel import TravelModel

BHH_CONSTANT = 0.7124

Floats: TypeAlias = NDArray[np.float64]


def mean_hop_miles(area_sq_miles: Floats, visits: Floats, sweeps: Floats) -> Floats:
    """Straight miles between successive stops in each unit; 0 where there are no visits or no area."""
    area = np.nan_to_num(np.asarray(area_sq_miles, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(visits > 0, BHH_CONSTANT * np.sqrt(sweeps * area / visits), 0.0)


def hop_minutes(hop_miles: Floats, latitude: Floats, longitude: Floats, travel: TravelModel) -> Floats:
    """Driving minutes of a hop of that length at the unit, by the travel model: a drive due north."""
    north = latitude + np.degrees(hop_miles / EARTH_RADIUS_MILES)
    return np.asarray(travel.minutes(latitude, longitude, north, longitude), float)


def going_out_minutes(work_minutes: Floats, drive_minutes: Floats, day_minutes: float) -> Floats:
    """Minutes a year on the way between the seat and each unit, for the work to be done there."""
    round_trip = 2 * np.asarray(drive_minutes, float)
    # at half a day on the way the ratio reaches 1, and stays there
    day_trip = np.minimum(round_trip, day_minutes / 2)
    return work_minutes * day_trip / (day_minutes - day_trip)
