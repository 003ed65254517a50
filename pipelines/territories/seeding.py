"""First seats: recursive bisection by load, then capacitated Lloyd rounds (assign in balance, move to the
median).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipelines.territories.area_model import AreaModel
from pipelines.territories.dual_ascent import ascend, lagrangian
from pipelines.territories.problem import FloatArray, IntArray


def bisection_seats(model: AreaModel) -> IntArray:
    """One seat per slot: slots with pinned units (locks, oversize units) at their median, the others at the
    medians of a balanced recursive bisection of what is left. Fixed seats stay."""
    n, k = model.shape
    if model.fixed_root is not None:
        return model.fixed_root
    seats = np.full(k, -1, dtype=np.int64)
    for slot in range(k):
        members = np.flatnonzero(model.pinned == slot)
        if len(members):
            seats[slot] = model.median_of(members)
    free_slots = np.flatnonzero(seats < 0)
    rest = np.setdiff1d(np.arange(n), np.concatenate([model.oversize, seats[seats >= 0]]))
    if not len(free_slots):
        return seats
    # A slot that starts from a locked unit takes its share of the rest, too.
    shares = len(free_slots) + int((~np.isin(np.flatnonzero(seats >= 0), model.pinned[model.oversize])).sum())
    groups = _bisect(rest, model, shares) if len(rest) >= shares else [np.array([u]) for u in rest]
    middles = np.array([model.median_of(group) for group in groups], dtype=np.int64)
    if len(middles) > len(free_slots):
        # Leave to the locked slots the groups nearest to them.
        anchors = seats[seats >= 0]
        miles = model.distances.between(model.units[middles], model.units[anchors])
        drop = len(middles) - len(free_slots)
        rows, columns = linear_sum_assignment(miles)
        nearest = [rows[i] for i in np.argsort(miles[rows, columns], kind="stable")][:drop]
        middles = np.delete(middles, nearest)
    seats[free_slots] = np.sort(middles)[: len(free_slots)]
    return seats


def _bisect(units: IntArray, model: AreaModel, parts: int) -> list[IntArray]:
    """Cut across the longer principal axis so that the sides carry load in proportion to their parts."""
    if parts == 1:
        return [units]
    weight = model.unit_weight[units]
    xy = model.xy[units]
    centred = xy - weight @ xy / weight.sum()
    covariance = (centred * weight[:, None]).T @ centred
    _, axes = np.linalg.eigh(covariance)
    axis = axes[:, -1] if axes[np.argmax(np.abs(axes[:, -1])), -1] > 0 else -axes[:, -1]
    # Rounding makes the order independent of the last bits of the eigenvector.
    order = np.lexsort((units, np.round(centred @ axis, 6)))
    near = parts // 2
    reached = np.cumsum(weight[order])
    cut = int(np.searchsorted(reached, reached[-1] * near / parts)) + 1
    cut = min(max(cut, near), len(units) - (parts - near))
    first, second = np.sort(units[order[:cut]]), np.sort(units[order[cut:]])
    return _bisect(first, model, near) + _bisect(second, model, parts - near)


def lloyd(model: AreaModel, seats: IntArray, rounds: int, iterations: int) -> tuple[IntArray, FloatArray]:
    """Alternate balanced assignment and medians; returns the seats with the least relaxed objective seen, and
    their multipliers. Stops early when the seats repeat.
    """
    k, rules = len(model.slots), model.loads.shape[1]
    multipliers = np.zeros((k, rules))
    best_seats, best_value, best_multipliers = seats, np.inf, multipliers
    seen: set[tuple[int, ...]] = set()
    for _ in range(max(rounds, 1)):
        cost = model.cost(seats)
        value, multipliers = ascend(model, cost, multipliers, iterations, (0.1, 0.02))
        if value < best_value:
            best_seats, best_value, best_multipliers = seats, value, multipliers
        seen.add(tuple(seats.tolist()))
        _, assignment = lagrangian(model, cost, multipliers)
        seats = model.medians(assignment, seats)
        if tuple(seats.tolist()) in seen:
            break
    return best_seats, best_multipliers
