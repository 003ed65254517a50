"""One area as arrays: what every step of the engine works on, and the one definition of the objective.

With n units, k slots and R balance rules, loads being shares of the whole market:

    objective = p * sum_i w_i * miles(i, seat of i) + sum_r price_r * sum_t excess_rt + disruption * moved
    share

where `p` is the price of travel, `w_i` the unit's share of the primary measure with a small floor (so that
units without opportunity still join what is near), and `excess_rt` how far the load of slot t lies outside
its band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.territories.distances import Distances
from pipelines.territories.problem import BoolArray, FloatArray, IntArray
from pipelines.territories.slots import Slot

NEW, GONE = -1, -2
"""Homes of a unit that the plan in force does not know, and of one whose territory no longer exists here (it
moves whatever is done)."""
ROUNDING = 1e-9
"""An excess smaller than this is rounding."""
MOST_CANDIDATES = 64


@dataclass(eq=False)
class AreaModel:
    """Arrays of one area, in local indices.

    units (n,) indices into the problem; neighbours: n lists; edges (m, 2); loads (n, R); targets, band_low,
    band_high (k, R); price (R,) in miles per share of the market; unit_weight (n,); home (n,) slot in the
    plan in force, NEW or GONE; wall: what a barred pair costs; pinned (n,) slot or -1; barred (n, k);
    fixed_miles (n, k) and fixed_root (k,) when seats are fixed; xy (n, 2) rough miles; oversize: units that
    alone exceed any band.
    """

    units: IntArray
    slots: tuple[Slot, ...]
    neighbours: list[list[int]]
    edges: IntArray
    loads: FloatArray
    targets: FloatArray
    band_low: FloatArray
    band_high: FloatArray
    price: FloatArray
    travel_price: float
    unit_weight: FloatArray
    home: IntArray
    disruption_price: float
    wall: float
    pinned: IntArray
    barred: BoolArray
    distances: Distances
    fixed_miles: FloatArray | None
    fixed_root: IntArray | None
    xy: FloatArray
    oversize: IntArray

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.units), len(self.slots)

    def seat_miles(self, seats: IntArray) -> FloatArray:
        """Miles of every unit to every seat, (n, k)."""
        if self.fixed_miles is not None:
            return self.fixed_miles
        return self.distances.between(self.units, self.units[seats])

    def cost(self, seats: IntArray) -> FloatArray:
        """All that is linear in the assignment, (n, k)."""
        return self.travel_price * self.unit_weight[:, None] * self.seat_miles(seats) + self.charges()

    def charges(self) -> FloatArray:
        """What does not depend on seats, (n, k): the price of moving, and a wall before what is barred."""
        slots = np.arange(self.shape[1])
        moved = (self.home[:, None] != NEW) & (self.home[:, None] != slots)
        charge = self.disruption_price * self.loads[:, :1] * moved
        charge[self.barred | ((self.pinned[:, None] >= 0) & (self.pinned[:, None] != slots))] += self.wall
        return charge

    def slot_loads(self, assignment: IntArray) -> FloatArray:
        """Loads per slot, (k, R)."""
        sums = [np.bincount(assignment, weights=column, minlength=self.shape[1]) for column in self.loads.T]
        return np.stack(sums, axis=1)

    def band(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest load of each slot that costs nothing, each (k, R)."""
        return self.band_low, self.band_high

    def excess(self, slot_loads: FloatArray) -> FloatArray:
        """How far outside its band each slot lies, (k, R), in shares of the market."""
        return np.maximum(np.maximum(slot_loads - self.band_high, self.band_low - slot_loads), 0.0)

    def is_outside(self, assignment: IntArray) -> bool:
        """Whether any slot lies outside any band."""
        return bool(self.excess(self.slot_loads(assignment)).sum() > ROUNDING)

    def objective(self, assignment: IntArray, cost: FloatArray) -> float:
        """Objective of `assignment` (n,) with the seats behind `cost` (n, k), in miles."""
        linear = cost[np.arange(len(assignment)), assignment].sum()
        return float(linear + (self.excess(self.slot_loads(assignment)) @ self.price).sum())

    def medians(self, assignment: IntArray, seats: IntArray) -> IntArray:
        """The weighted 1-median unit of each slot; a seat stays where its slot is empty or seats are
        fixed.
        """
        if self.fixed_miles is not None:
            return seats
        best = seats.copy()
        for slot in range(self.shape[1]):
            members = np.flatnonzero(assignment == slot)
            if len(members):
                best[slot] = self.median_of(members)
        return best

    def median_of(self, members: IntArray) -> int:
        """The member with the least weighted miles to the others; large sets try those nearest the middle."""
        weight = self.unit_weight[members]
        tried = members
        if len(members) > 3 * MOST_CANDIDATES:
            middle = weight @ self.xy[members] / weight.sum()
            away = ((self.xy[members] - middle) ** 2).sum(axis=1)
            tried = np.sort(members[np.argsort(away, kind="stable")[:MOST_CANDIDATES]])
        miles = self.distances.between(self.units[members], self.units[tried])
        return int(tried[int(np.argmin(weight @ miles))])
