"""Exact polish of two or three neighbouring territories at a time with CP-SAT, everything else standing
still.

Within a group, every unit may go to any of the group's territories. Contiguity is held by a sufficient rule:
a unit needs a neighbour of the same territory that is nearer to the territory's root (Zoltners and Sinha's
shortest-path trees); distances are laid so that the present assignment obeys it and is the solver's hint. One
worker and a limit in deterministic time, so the same input gives the same answer.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from ortools.sat.python import cp_model

from pipelines.territories.area_model import AreaModel
from pipelines.territories.contiguity import broken_slots, slot_roots
from pipelines.territories.problem import IntArray
from pipelines.territories.stop import Stop

LOAD_SCALE = 10**8
COST_PER_LOAD = 100
LARGEST_GROUP = 700


def polish(model: AreaModel, assignment: IntArray, seats: IntArray, *, stop: Stop, seed: int) -> IntArray:
    """Improve `assignment` by at most `stop.polish_groups` solved groups; the worst-balanced come first.
    Never makes it worse.
    """
    if model.shape[1] < 2:
        return assignment
    cost = model.cost(seats)
    changed_at = np.zeros(model.shape[1], dtype=np.int64)
    tried: dict[tuple[int, ...], int] = {}
    for turn in range(1, stop.polish_groups + 1):
        group = _next_group(model, assignment, changed_at, tried)
        if group is None:
            return assignment
        tried[group] = turn
        better = _solve_group(model, assignment, seats, group, stop=stop, seed=seed)
        if better is not None and model.objective(better, cost) < model.objective(assignment, cost) - 1e-9:
            moved = better != assignment
            changed_at[np.unique(np.concatenate([assignment[moved], better[moved]]))] = turn
            assignment = better
    return assignment


def _next_group(
    model: AreaModel, assignment: IntArray, changed_at: IntArray, tried: dict[tuple[int, ...], int]
) -> tuple[int, ...] | None:
    """The untried (or since changed) group with the most priced excess, then the longest border. Triples only
    around territories that are out of their band.
    """
    excess = model.excess(model.slot_loads(assignment)) @ model.price
    ends = np.sort(assignment[model.edges], axis=1)
    pairs, borders = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0, return_counts=True)
    length = {(int(a), int(b)): int(c) for (a, b), c in zip(pairs, borders, strict=True)}
    touching: dict[int, set[int]] = {}
    for a, b in length:
        touching.setdefault(a, set()).add(b)
        touching.setdefault(b, set()).add(a)
    groups: dict[tuple[int, ...], int] = dict.fromkeys(length, 0)
    for a, b in length:
        if excess[a] > 0 or excess[b] > 0:
            groups.update(dict.fromkeys((_sorted3(a, b, c) for c in (touching[a] | touching[b]) - {a, b}), 1))
    sizes = np.bincount(assignment, minlength=model.shape[1])

    def is_open(group: tuple[int, ...]) -> bool:
        return sizes[list(group)].sum() <= LARGEST_GROUP and changed_at[list(group)].max() >= tried.get(
            group, 0
        )

    def rank(group: tuple[int, ...]) -> tuple[float, int, int, tuple[int, ...]]:
        shared = sum(length.get((a, b), 0) for a in group for b in group if a < b)
        return (-round(float(excess[list(group)].sum()), 9), len(group), -shared, group)

    return min((group for group in groups if is_open(group)), key=rank, default=None)


def _sorted3(a: int, b: int, c: int) -> tuple[int, ...]:
    return tuple(sorted((a, b, c)))


def _solve_group(
    model: AreaModel,
    assignment: IntArray,
    seats: IntArray,
    group: tuple[int, ...],
    *,
    stop: Stop,
    seed: int,
) -> IntArray | None:
    units = [int(u) for u in np.flatnonzero(np.isin(assignment, group))]
    inside = set(units)
    cost = model.cost(seats)
    all_roots = slot_roots(model, assignment, seats)
    dearest = float(model.price.max())
    cost_scale = COST_PER_LOAD * LOAD_SCALE / dearest
    solver_model = cp_model.CpModel()
    take = {
        (u, t): solver_model.new_bool_var("")
        for u in units
        for t in group
        if not model.barred[u, t] and (model.pinned[u] < 0 or model.pinned[u] == t)
    }
    for u in units:
        solver_model.add_exactly_one(take[u, t] for t in group if (u, t) in take)
    for t in group:
        root = int(all_roots[t])
        depth = _depths(model, assignment, inside, root, t)
        solver_model.add(take[root, t] == 1)
        for u in units:
            if u == root or (u, t) not in take:
                continue
            nearer = [
                take[v, t]
                for v in model.neighbours[u]
                if depth.get(v, depth[u]) < depth[u] and (v, t) in take
            ]
            solver_model.add_bool_or([take[u, t].negated(), *nearer])
    # Ties break towards the present owner: half a scaled unit cannot be written, so costs are doubled.
    terms = [
        (2 * round(float(cost[u, t]) * cost_scale) + int(assignment[u] != t)) * variable
        for (u, t), variable in take.items()
    ]
    load = np.round(model.loads * LOAD_SCALE).astype(np.int64)
    low, high = model.band()
    for t in group:
        for rule in range(load.shape[1]):
            carried = sum(
                int(load[u, rule]) * var for (u, s), var in take.items() if s == t and load[u, rule]
            )
            outside = solver_model.new_int_var(0, 2 * LOAD_SCALE, "")
            solver_model.add(carried - outside <= int(high[t, rule] * LOAD_SCALE))
            solver_model.add(carried + outside >= int(np.ceil(low[t, rule] * LOAD_SCALE)))
            terms.append(2 * round(COST_PER_LOAD * float(model.price[rule]) / dearest) * outside)
    solver_model.minimize(sum(terms))
    for (u, t), variable in take.items():
        solver_model.add_hint(variable, int(assignment[u]) == t)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = stop.polish_deterministic_time
    if solver.solve(solver_model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    better = assignment.copy()
    for (u, t), variable in take.items():
        if solver.value(variable):
            better[u] = t
    return None if set(broken_slots(model, better)) & set(group) else better


def _depths(model: AreaModel, assignment: IntArray, inside: set[int], root: int, slot: int) -> dict[int, int]:
    """Steps from the root over the group's units: first through the present territory, then outwards from
    it.
    """
    depth = {root: 0}
    own: deque[int] = deque([root])
    while own:
        unit = own.popleft()
        for other in model.neighbours[unit]:
            if other in inside and other not in depth and assignment[other] == slot:
                depth[other] = depth[unit] + 1
                own.append(other)
    frontier = sorted(depth)
    step = max(depth.values())
    while frontier:
        step += 1
        frontier = sorted(
            {v for u in frontier for v in model.neighbours[u] if v in inside and v not in depth}
        )
        depth.update(dict.fromkeys(frontier, step))
    return depth
