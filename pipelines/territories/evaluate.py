"""From an assignment to a `Plan`: every figure is recomputed here from the problem, none is carried over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipelines.territories.area_model import ROUNDING, AreaModel
from pipelines.territories.plan import Plan, Territory
from pipelines.territories.problem import BoolArray, FloatArray, IntArray, Problem


@dataclass(frozen=True, eq=False)
class SolvedArea:
    """A model with its answer, in local indices: `assignment` (n,) to slots, `seats` (k,), `bound` in
    miles.
    """

    model: AreaModel
    assignment: IntArray
    seats: IntArray
    bound: float

    def members(self, slot: int) -> IntArray:
        """Units of a slot, as indices into the problem."""
        return self.model.units[self.assignment == slot]

    def miles(self) -> FloatArray:
        """Miles of each unit (n,) to its seat."""
        return self.model.seat_miles(self.seats)[np.arange(len(self.assignment)), self.assignment]


def make_plan(
    problem: Problem,
    solved: Sequence[SolvedArea],
    names: Sequence[Sequence[str]],
    *,
    links: IntArray,
    bound_kind: str,
    what_binds: Sequence[str],
) -> Plan:
    """Put the areas together. `names[a][s]` is the territory id of slot s of area a; `links` (l, 2) were
    added to the graph (areas that nothing joins, locks).
    """
    count = len(problem.unit_ids)
    owner = np.empty(count, dtype=object)
    miles = np.zeros(count)
    is_hanging = np.zeros(count, dtype=bool)
    territories: list[Territory] = []
    joined_edges = np.concatenate([problem.edges, links])
    for area, own_names in zip(solved, names, strict=True):
        owner[area.model.units] = np.array(own_names, dtype=object)[area.assignment]
        miles[area.model.units] = area.miles()
        for slot, territory_id in enumerate(own_names):
            members = area.members(slot)
            pieces = pieces_of(members, problem.edges[~problem.is_bridge], count)
            is_whole = int(pieces_of(members, joined_edges, count).max()) == 0
            is_hanging[members] = pieces != _main_piece(problem, members, pieces)
            territories.append(
                _territory(problem, area, slot, territory_id, pieces=int(pieces.max()) + 1, is_whole=is_whole)
            )
    territories.sort(key=lambda t: t.territory_id)
    objective = sum(a.model.objective(a.assignment, a.model.cost(a.seats)) for a in solved)
    bound = sum(area.bound for area in solved)
    moved = _moved(problem, owner)
    primary = problem.measures[problem.primary]
    return Plan(
        assignment={unit: str(t) for unit, t in zip(problem.unit_ids, owner, strict=True)},
        territories=tuple(territories),
        drive_miles=miles,
        bridge_units=frozenset(problem.unit_ids[i] for i in np.flatnonzero(is_hanging)),
        objective=objective,
        travel_miles=sum(float(a.model.unit_weight @ a.miles()) for a in solved),
        excess_share=sum(float(a.model.excess(a.model.slot_loads(a.assignment)).sum()) for a in solved),
        moved_opportunity_share=float(primary[moved].sum() / primary.sum()),
        moved_units=int(moved.sum()),
        # Where the bound is met exactly, the last bits may lie on the wrong side.
        bound=objective if objective < bound <= objective * (1 + ROUNDING) + ROUNDING else bound,
        bound_kind=bound_kind,
        max_deviation_share=max(abs(t.balance_index / 100.0 - 1.0) for t in territories),
        what_binds=tuple(what_binds),
        links=tuple((problem.unit_ids[a], problem.unit_ids[b]) for a, b in links.tolist()),
        areas=tuple(sorted(tuple(sorted(own)) for own in names)),
        prices={rule.measure: float(p) for rule, p in zip(problem.rules, solved[0].model.price, strict=True)},
        disruption_price_miles=solved[0].model.disruption_price,
    )


def pieces_of(members: IntArray, edges: IntArray, count: int) -> IntArray:
    """Piece number (members,) of each member in the graph that `edges` (m, 2) span among them."""
    position = np.full(count, -1, dtype=np.int64)
    position[members] = np.arange(len(members))
    ends = position[edges]
    ends = ends[(ends >= 0).all(axis=1)]
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(members), len(members)))
    return np.asarray(connected_components(graph, directed=False)[1])


def _main_piece(problem: Problem, members: IntArray, pieces: IntArray) -> int:
    """The piece with the most load, then the most units, then the first unit."""
    load = np.bincount(pieces, weights=problem.measures[problem.primary][members])
    return int(np.lexsort((np.arange(len(load)), -np.bincount(pieces), -load))[0])


def _territory(
    problem: Problem, area: SolvedArea, slot: int, territory_id: str, *, pieces: int, is_whole: bool
) -> Territory:
    members, model = area.members(slot), area.model
    miles = area.miles()[area.assignment == slot]
    load = problem.measures[problem.primary]
    weight = load[members] if load[members].sum() > 0 else np.ones(len(members))
    mean_miles = float(weight @ miles / weight.sum())
    seat = int(model.units[area.seats[slot]])
    fixed = model.slots[slot].fixed
    latitude = None if problem.latitude is None else float(problem.latitude[seat])
    longitude = None if problem.longitude is None else float(problem.longitude[seat])
    if fixed is not None and fixed.latitude is not None and fixed.longitude is not None:
        latitude, longitude = fixed.latitude, fixed.longitude
    outside = model.excess(model.slot_loads(area.assignment))[slot]
    return Territory(
        territory_id=territory_id,
        seat_unit_id=problem.unit_ids[seat],
        seat_latitude=latitude,
        seat_longitude=longitude,
        units=len(members),
        measures={name: float(values[members].sum()) for name, values in problem.measures.items()},
        targets={rule.measure: float(t) for rule, t in zip(problem.rules, model.targets[slot], strict=True)},
        bands={
            rule.measure: (float(model.band_low[slot, column]), float(model.band_high[slot, column]))
            for column, rule in enumerate(problem.rules)
        },
        excess_shares={
            rule.measure: float(share)
            for rule, share in zip(problem.rules, outside, strict=True)
            if share > ROUNDING
        },
        balance_index=float(load[members].sum() / load.sum() * problem.seat_count * 100.0),
        mean_drive_miles=mean_miles,
        max_drive_miles=float(miles.max()),
        compactness=_compactness(problem, members, mean_miles),
        components=pieces,
        is_contiguous=is_whole,
    )


def _compactness(problem: Problem, members: IntArray, mean_miles: float) -> float | None:
    """Mean distance to the middle of a disc of the same area, over the mean drive: 1 is as good as an evenly
    filled disc on straight roads, above 1 means that opportunity crowds around the seat. None without
    areas.
    """
    if problem.area_sq_miles is None or mean_miles <= 0:
        return None
    return 2.0 / 3.0 * math.sqrt(float(problem.area_sq_miles[members].sum()) / math.pi) / mean_miles


def _moved(problem: Problem, owner: np.ndarray) -> BoolArray:
    if problem.active is None:
        return np.zeros(len(owner), dtype=bool)
    before = [problem.active.assignment.get(unit) for unit in problem.unit_ids]
    return np.array([b is not None and b != o for b, o in zip(before, owner, strict=True)])
