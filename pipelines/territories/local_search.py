"""Shifts and swaps along the borders, seats standing still and every territory staying in one piece.

`descend` is exact and without chance: it ends where no single shift and no swap of two border units helps, so
descending again moves nothing. `anneal` first wanders with a seeded generator and a fixed number of
proposals.
"""

from __future__ import annotations

import math
import random

import numpy as np

from pipelines.territories.area_model import AreaModel
from pipelines.territories.contiguity import stays_connected
from pipelines.territories.problem import FloatArray, IntArray
from pipelines.territories.stop import Stop

BETTER = 1e-10
"""An improvement smaller than this (miles) is rounding, not an improvement."""


class BorderSearch:
    """The moving state: owners, loads and excess per slot, and the list of edges whose ends have different
    owners.
    """

    def __init__(self, model: AreaModel, assignment: IntArray, seats: IntArray, cost: FloatArray):
        self.neighbours = model.neighbours
        self.owner: list[int] = assignment.tolist()
        n, k = model.shape
        self.k = k
        # Scalar reads from a memoryview are several times faster than from an array.
        self.cost = memoryview(np.ascontiguousarray(cost).reshape(-1).data)
        self.load = [column.tolist() for column in model.loads.T]
        self.rules = range(len(self.load))
        self.price: list[float] = model.price.tolist()
        low, high = model.band()
        self.low, self.high = low.T.tolist(), high.T.tolist()
        self.carried = model.slot_loads(assignment).T.tolist()
        self.fixed = (model.pinned >= 0).tolist()
        if model.fixed_miles is None:
            for slot, seat in enumerate(seats.tolist()):
                self.fixed[seat] = self.fixed[seat] or self.owner[seat] == slot
        edges = model.edges.tolist()
        self.edges = edges
        self.incident: list[list[int]] = [[] for _ in range(n)]
        for number, (a, b) in enumerate(edges):
            self.incident[a].append(number)
            self.incident[b].append(number)
        self.cut = [number for number, (a, b) in enumerate(edges) if self.owner[a] != self.owner[b]]
        self.place = [-1] * len(edges)
        for at, number in enumerate(self.cut):
            self.place[number] = at

    def penalty(self, rule: int, slot: int, carried: float) -> float:
        if carried > self.high[rule][slot]:
            return self.price[rule] * (carried - self.high[rule][slot])
        if carried < self.low[rule][slot]:
            return self.price[rule] * (self.low[rule][slot] - carried)
        return 0.0

    def excess(self, slot: int) -> float:
        return sum(self.penalty(rule, slot, self.carried[rule][slot]) for rule in self.rules)

    def travel_gain(self, unit: int, slot: int) -> float:
        return self.cost[unit * self.k + slot] - self.cost[unit * self.k + self.owner[unit]]

    def balance_gain(self, unit: int, slot: int) -> float:
        """Change of the priced excess when `unit` goes to `slot`; negative is better."""
        old, change = self.owner[unit], 0.0
        for rule in self.rules:
            load, carried = self.load[rule][unit], self.carried[rule]
            change += self.penalty(rule, old, carried[old] - load) - self.penalty(rule, old, carried[old])
            change += self.penalty(rule, slot, carried[slot] + load) - self.penalty(rule, slot, carried[slot])
        return change

    def touches(self, unit: int, slot: int) -> bool:
        return any(self.owner[other] == slot for other in self.neighbours[unit])

    def may_leave(self, unit: int) -> bool:
        return not self.fixed[unit] and stays_connected(self.neighbours, self.owner, unit)

    def shift(self, unit: int, slot: int) -> None:
        old = self.owner[unit]
        self.owner[unit] = slot
        for rule in self.rules:
            load = self.load[rule][unit]
            self.carried[rule][old] -= load
            self.carried[rule][slot] += load
        for number in self.incident[unit]:
            a, b = self.edges[number]
            is_cut, at = self.owner[a] != self.owner[b], self.place[number]
            if is_cut and at < 0:
                self.place[number] = len(self.cut)
                self.cut.append(number)
            elif not is_cut and at >= 0:
                last = self.cut.pop()
                if last != number:
                    self.cut[at] = last
                    self.place[last] = at
                self.place[number] = -1

    def border(self) -> dict[tuple[int, int], list[int]]:
        """Units of slot a that touch slot b, ascending, per ordered pair (a, b)."""
        found: dict[tuple[int, int], set[int]] = {}
        for number in self.cut:
            a, b = self.edges[number]
            found.setdefault((self.owner[a], self.owner[b]), set()).add(a)
            found.setdefault((self.owner[b], self.owner[a]), set()).add(b)
        return {pair: sorted(found[pair]) for pair in sorted(found)}


def improve(
    model: AreaModel, assignment: IntArray, seats: IntArray, *, stop: Stop, heat: float, seed: int
) -> IntArray:
    """Anneal with the first temperature `heat` (0: not at all), then descend. Returns the better of start and
    end.
    """
    cost = model.cost(seats)
    moving = BorderSearch(model, assignment, seats, cost)
    mean_cost = float(cost[np.arange(len(assignment)), assignment].mean())
    anneal(moving, stop.proposals_per_unit * len(assignment), heat * mean_cost, seed)
    descend(moving, stop.descent_passes)
    found = np.array(moving.owner, dtype=np.int64)
    return found if model.objective(found, cost) < model.objective(assignment, cost) else assignment


def anneal(search: BorderSearch, proposals: int, heat: float, seed: int) -> None:
    """Simulated annealing over shifts. `heat` (miles) is the first temperature; it falls by 100, while the
    price of imbalance rises from a tenth to its full value, so that units first find their place and then the
    balance.
    """
    chance = random.Random(seed)
    if proposals <= 0 or heat <= 0:
        return
    draw, log = chance.random, math.log
    owner, edges, cut, fixed = search.owner, search.edges, search.cut, search.fixed
    blocks = 40
    for block in range(blocks):
        done = block / (blocks - 1)
        temperature = heat * 0.01**done
        price = 0.1 ** (1.0 - done)
        for _ in range(proposals // blocks):
            if not cut:
                return
            draw_edge = draw() * len(cut) * 2.0
            a, b = edges[cut[int(draw_edge) >> 1]]
            unit, slot = (a, owner[b]) if int(draw_edge) & 1 else (b, owner[a])
            if fixed[unit]:
                continue
            change = search.travel_gain(unit, slot) + price * search.balance_gain(unit, slot)
            if change > 0.0 and change > -temperature * log(1.0 - draw()):
                continue
            if stays_connected(search.neighbours, owner, unit):
                search.shift(unit, slot)


def descend(search: BorderSearch, passes: int) -> None:
    """Best shift of each border unit in turn, then swaps across each border, until a whole pass changes
    nothing.
    """
    for _ in range(passes):
        if not (_shift_pass(search) | _swap_pass(search)):
            return


def _shift_pass(search: BorderSearch) -> bool:
    changed = False
    for unit in sorted({end for number in search.cut for end in search.edges[number]}):
        if search.fixed[unit]:
            continue
        old = search.owner[unit]
        others = sorted({search.owner[v] for v in search.neighbours[unit]} - {old})
        if not others:
            continue
        gain, slot = min((search.travel_gain(unit, s) + search.balance_gain(unit, s), s) for s in others)
        if gain < -BETTER and search.may_leave(unit):
            search.shift(unit, slot)
            changed = True
    return changed


def _swap_pass(search: BorderSearch) -> bool:
    """Swaps help where a territory is out of its band and no single unit has the right size."""
    changed = False
    border = search.border()
    for (a, b), givers in border.items():
        if a > b or not (search.excess(a) or search.excess(b)):
            continue
        takers = border.get((b, a), [])
        options = []
        for unit in givers:
            if search.fixed[unit] or search.owner[unit] != a:
                continue
            for other in takers:
                if search.fixed[other] or search.owner[other] != b:
                    continue
                gain = (
                    search.travel_gain(unit, b)
                    + search.travel_gain(other, a)
                    + _swap_balance(search, unit, other)
                )
                if gain < -BETTER:
                    options.append((gain, unit, other))
        for _, unit, other in sorted(options):
            if _swap(search, unit, other, a, b):
                changed = True
                break
    return changed


def _swap_balance(search: BorderSearch, unit: int, other: int) -> float:
    a, b = search.owner[unit], search.owner[other]
    change = 0.0
    for rule in search.rules:
        net = search.load[rule][other] - search.load[rule][unit]
        carried = search.carried[rule]
        change += search.penalty(rule, a, carried[a] + net) - search.penalty(rule, a, carried[a])
        change += search.penalty(rule, b, carried[b] - net) - search.penalty(rule, b, carried[b])
    return change


def _swap(search: BorderSearch, unit: int, other: int, a: int, b: int) -> bool:
    """Carry out a swap in whichever order keeps both territories whole; leaves everything as it was
    otherwise.
    """
    for first, to_first, second, to_second in ((unit, b, other, a), (other, a, unit, b)):
        if not (search.touches(first, to_first) and stays_connected(search.neighbours, search.owner, first)):
            continue
        search.shift(first, to_first)
        if search.touches(second, to_second) and stays_connected(search.neighbours, search.owner, second):
            search.shift(second, to_second)
            return True
        search.shift(first, to_second)
    return False
