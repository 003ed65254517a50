"""Which territory should hand how much load to which neighbour: a min-cost flow over the map of territories.

A territory that is short may touch only territories that are themselves just in balance, so no single move
pays; the flow sees the whole way from where there is too much to where there is too little. It is then
carried out in border units, cheapest miles per load first.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from pipelines.territories.area_model import AreaModel
from pipelines.territories.local_search import BETTER, BorderSearch, improve
from pipelines.territories.problem import IntArray
from pipelines.territories.stop import Stop

LOAD_SCALE = 10**7
COST_SCALE = 1000
OVERSHOOT = 1.5
"""A unit may be up to this multiple of what is still to be handed over."""


def balance_by_flow(model: AreaModel, assignment: IntArray, seats: IntArray, stop: Stop) -> IntArray:
    """Let load flow and descend, in turns, as long as something lies outside its band and the plan gets
    better.
    """
    cost = model.cost(seats)
    for _ in range(stop.flow_rounds):
        if not model.is_outside(assignment):
            break
        passed = improve(model, pass_load_on(model, assignment, seats), seats, stop=stop, heat=0.0, seed=0)
        if model.objective(passed, cost) >= model.objective(assignment, cost) - BETTER:
            break
        assignment = passed
    return assignment


def pass_load_on(model: AreaModel, assignment: IntArray, seats: IntArray) -> IntArray:
    """`assignment` (n,) after the flow has been carried out as far as whole units and contiguity allow."""
    search = BorderSearch(model, assignment, seats, model.cost(seats))
    for giver, taker, load in flows(model, search):
        _hand_over(search, giver, taker, load)
    return np.array(search.owner, dtype=np.int64)


def flows(model: AreaModel, search: BorderSearch) -> list[tuple[int, int, float]]:
    """(giver, taker, share of the market) of the cheapest flow that brings the primary loads into their
    bands; overloaded givers first, so that load arrives before it is passed on.
    """
    slots = model.shape[1]
    carried = np.array(search.carried[0])
    low, high = (np.round(side[:, 0] * LOAD_SCALE).astype(np.int64) for side in model.band())
    load = np.round(carried * LOAD_SCALE).astype(np.int64)
    network = min_cost_flow.SimpleMinCostFlow()
    sink = slots
    arcs: dict[int, tuple[int, int]] = {}
    per_mile = COST_SCALE / max(float(model.price[0]), 1e-12)
    for (giver, taker), units in search.border().items():
        dearer = [search.travel_gain(u, taker) / max(search.load[0][u], 1e-12) for u in units]
        miles = max(float(np.median(dearer)), 0.0)
        cost = 1 + min(int(miles * per_mile), COST_SCALE)
        arcs[network.add_arc_with_capacity_and_unit_cost(giver, taker, 2 * LOAD_SCALE, cost)] = (giver, taker)
    for slot in range(slots):
        network.add_arc_with_capacity_and_unit_cost(slot, sink, int(high[slot] - low[slot]), 0)
        # What cannot be balanced stays where it is, at a price above any way around.
        network.add_arc_with_capacity_and_unit_cost(slot, sink, 2 * LOAD_SCALE, COST_SCALE * slots)
        network.add_arc_with_capacity_and_unit_cost(sink, slot, 2 * LOAD_SCALE, COST_SCALE * slots)
        network.set_node_supply(slot, int(load[slot] - low[slot]))
    network.set_node_supply(sink, int(low.sum() - load.sum()))
    if network.solve() != network.OPTIMAL:
        return []
    found = [(*pair, network.flow(arc) / LOAD_SCALE) for arc, pair in arcs.items() if network.flow(arc) > 0]
    over = carried - model.band()[1][:, 0]
    return sorted(found, key=lambda f: (-over[f[0]], f[0], f[1]))


def _hand_over(search: BorderSearch, giver: int, taker: int, load: float) -> None:
    left = load
    while left > 0:
        options = sorted(
            (search.travel_gain(unit, taker) / search.load[0][unit], unit)
            for unit in search.border().get((giver, taker), [])
            if 0 < search.load[0][unit] <= OVERSHOOT * left
        )
        unit = next((u for _, u in options if search.may_leave(u)), None)
        if unit is None:
            return
        search.shift(unit, taker)
        left -= search.load[0][unit]
