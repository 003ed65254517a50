"""Small areas solved exactly: a dynamic programme over subsets of units, seats included.

f[j][S] = the least objective of filling the first j slots with the units of S, every slot a connected,
non-empty set. 3^n steps per slot: for up to 10 units this is instant, and its value is its own proof.
"""

from __future__ import annotations

import numpy as np

from pipelines.territories.area_model import AreaModel
from pipelines.territories.problem import FloatArray, IntArray

MOST_UNITS = 10


def solve_exactly(model: AreaModel) -> tuple[IntArray, IntArray, float] | None:
    """Best assignment (n,), seats (k,) and objective for n <= MOST_UNITS; None when there is no
    connected one.
    """
    n, k = model.shape
    subsets = 1 << n
    member = (np.arange(subsets)[:, None] >> np.arange(n)) & 1
    connected = _connected_subsets(model, n)
    load = member @ model.loads
    low, high = model.band()
    travel, median = _travel(model, member)
    linear = model.charges()
    if model.fixed_miles is not None:
        linear = linear + model.travel_price * model.unit_weight[:, None] * model.fixed_miles
    fill = np.full((k, subsets), np.inf)
    for slot in range(k):
        penalty = np.maximum(np.maximum(load - high[slot], low[slot] - load), 0.0) @ model.price
        fill[slot] = np.where(connected, travel + penalty + member @ linear[:, slot], np.inf)
    best = np.full((k + 1, subsets), np.inf)
    best[0, 0] = 0.0
    choice = np.zeros((k + 1, subsets), dtype=np.int64)
    for slot in range(k):
        for whole in range(1, subsets):
            parts = _subsets_of(whole)
            values = best[slot, whole ^ parts] + fill[slot, parts]
            at = int(np.argmin(values))
            best[slot + 1, whole], choice[slot + 1, whole] = values[at], parts[at]
    # Anything as dear as half a wall uses a barred pair.
    if not best[k, subsets - 1] < 0.5 * model.wall:
        return None
    assignment, seats = np.zeros(n, dtype=np.int64), np.zeros(k, dtype=np.int64)
    left = subsets - 1
    for slot in range(k - 1, -1, -1):
        part = int(choice[slot + 1, left])
        assignment[member[part] == 1] = slot
        seats[slot] = median[part] if model.fixed_root is None else model.fixed_root[slot]
        left ^= part
    return assignment, seats, float(best[k, subsets - 1])


def _connected_subsets(model: AreaModel, n: int) -> np.ndarray:
    """Which non-empty subsets are connected, (2^n,): flood fill in bit masks."""
    around = np.zeros(n, dtype=np.int64)
    for unit, others in enumerate(model.neighbours):
        for other in others:
            around[unit] |= 1 << other
    connected = np.zeros(1 << n, dtype=bool)
    for subset in range(1, 1 << n):
        seen = subset & -subset
        frontier = seen
        while frontier:
            reach = 0
            while frontier:
                bit = frontier & -frontier
                reach |= int(around[bit.bit_length() - 1])
                frontier ^= bit
            frontier = reach & subset & ~seen
            seen |= frontier
        connected[subset] = seen == subset
    return connected


def _travel(model: AreaModel, member: np.ndarray) -> tuple[FloatArray, IntArray]:
    """Weighted miles of each subset to its best seat inside it, and that seat; zero travel when seats are
    fixed (it is then part of the linear cost).
    """
    subsets, n = member.shape
    if model.fixed_miles is not None:
        return np.zeros(subsets), np.zeros(subsets, dtype=np.int64)
    everyone = np.arange(n)
    miles = model.distances.between(model.units[everyone], model.units[everyone])
    to_seat = model.travel_price * (member @ (model.unit_weight[:, None] * miles))
    to_seat = np.where(member == 1, to_seat, np.inf)
    median = np.argmin(to_seat, axis=1)
    return to_seat[np.arange(subsets), median], median


def _subsets_of(whole: int) -> IntArray:
    """All non-empty subsets of the bits of `whole`, descending."""
    parts = np.zeros(1, dtype=np.int64)
    bit = 1
    while bit <= whole:
        if whole & bit:
            parts = np.concatenate([parts, parts | bit])
        bit <<= 1
    return parts[:0:-1]
