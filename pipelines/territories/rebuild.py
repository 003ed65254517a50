"""A plan from a plan, for one area: keep what still holds, repair what does not, move as little as that
takes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pipelines.territories.area_model import ROUNDING, AreaModel
from pipelines.territories.contiguity import whole
from pipelines.territories.load_flow import balance_by_flow
from pipelines.territories.local_search import improve
from pipelines.territories.polish import polish
from pipelines.territories.problem import FloatArray, IntArray, Problem
from pipelines.territories.stop import Stop

SLACK = 0.1
"""A territory that was promised outside its band may drift by this share of the tolerance before it is
repaired.
"""
REBUILD_HEAT = 0.1


def solve_from(
    problem: Problem, model: AreaModel, start: Mapping[str, str], stop: Stop, seed: int
) -> tuple[IntArray, IntArray]:
    """Assignment (n,) and seats (k,): the start if it can be kept, else the start repaired."""
    kept = keep(problem, model, start)
    if kept is not None:
        return kept
    k = model.shape[1]
    given = _start_slots(problem, model, start)
    assignment, seats = _made_whole(problem, model, given)
    found = balance_by_flow(
        model, improve(model, assignment, seats, stop=stop, heat=0.0, seed=seed), seats, stop
    )
    for turn in range(stop.search_rounds):
        if not model.is_outside(found):
            break
        found = improve(model, found, seats, stop=stop, heat=REBUILD_HEAT, seed=seed + turn)
        found = polish(model, found, seats, stop=stop, seed=seed)
        found = balance_by_flow(
            model, improve(model, found, seats, stop=stop, heat=0.0, seed=seed), seats, stop
        )
    # Only a territory that changed gets a new seat.
    settled = model.medians(found, seats)
    changed = np.array([((found == s) != (given == s)).any() for s in range(k)])
    return found, np.where(changed, settled, seats)


def keep(problem: Problem, model: AreaModel, start: Mapping[str, str]) -> tuple[IntArray, IntArray] | None:
    """The start, with unknown units joined to a neighbour, if nobody has to move: every territory whole and
    within its bands, or as far outside as it was promised to be. None otherwise.
    """
    given = _start_slots(problem, model, start)
    assignment, seats = _made_whole(problem, model, given)
    known = given >= 0
    if (assignment[known] != given[known]).any() or needs_repair(problem, model, assignment):
        return None
    return assignment, seats


def _made_whole(problem: Problem, model: AreaModel, given: IntArray) -> tuple[IntArray, IntArray]:
    opened = _open_empty_slots(model, given)
    seats = _start_seats(problem, model, opened)
    return whole(model, opened, seats, model.cost(seats)), seats


def needs_repair(problem: Problem, model: AreaModel, assignment: IntArray) -> bool:
    """Whether some territory lies outside its band, further than it did when the plan was made."""
    excess = model.excess(model.slot_loads(assignment))
    promised = np.zeros_like(excess)
    names = [slot.territory_id for slot in model.slots]
    active = problem.active
    # With another number of seats every target is another one, and the old promise says nothing.
    if (
        active is not None
        and None not in names
        and len(set(active.assignment.values())) == problem.seat_count
    ):
        for column, rule in enumerate(problem.rules):
            shares = active.promised_excess.get(rule.measure, {})
            was_out = np.array([shares.get(str(name), 0.0) for name in names])
            slack = SLACK * rule.tolerance_share * model.targets[:, column]
            promised[:, column] = np.where(was_out > ROUNDING, was_out + slack, 0.0)
    return bool((excess > promised + ROUNDING).any())


def _start_slots(problem: Problem, model: AreaModel, start: Mapping[str, str]) -> IntArray:
    position = {slot.territory_id: i for i, slot in enumerate(model.slots) if slot.territory_id is not None}
    return np.array(
        [position.get(start.get(problem.unit_ids[u], ""), -1) for u in model.units], dtype=np.int64
    )


def _open_empty_slots(model: AreaModel, given: IntArray) -> IntArray:
    """Give each slot without units the far half of the most overloaded territory."""
    opened = given.copy()
    for slot in range(model.shape[1]):
        if (opened == slot).any():
            continue
        inside = opened >= 0
        loads = np.bincount(opened[inside], weights=model.loads[inside, 0], minlength=model.shape[1])
        counts = np.bincount(opened[inside], minlength=model.shape[1])
        over = np.where(counts > 1, loads / np.maximum(model.targets[:, 0], 1e-12), -np.inf)
        members = (
            np.flatnonzero(opened == int(np.argmax(over)))
            if np.isfinite(over).any()
            else np.flatnonzero(~inside)
        )
        opened[_far_half(model, members)] = slot
    return opened


def _far_half(model: AreaModel, members: IntArray) -> IntArray:
    """The members nearest to the one farthest from the median, up to half of the load (at least one, never
    all).
    """
    if len(members) == 1:
        return members
    seat = model.median_of(members)
    miles = model.distances.between(model.units[members], model.units[[seat]])[:, 0]
    corner = members[int(np.argmax(miles))]
    near = model.distances.between(model.units[members], model.units[[corner]])[:, 0]
    order = members[np.lexsort((members, near))]
    reached = np.cumsum(model.unit_weight[order])
    taken = int(np.searchsorted(reached, reached[-1] / 2.0)) + 1
    return order[: min(max(taken, 1), len(order) - 1)]


def _start_seats(problem: Problem, model: AreaModel, assignment: IntArray) -> IntArray:
    """The seats of the plan in force where they still lie in their territory, else the median."""
    if model.fixed_root is not None:
        return model.fixed_root
    seats = model.medians(assignment, np.zeros(model.shape[1], dtype=np.int64))
    before = problem.active.seats if problem.active is not None else {}
    local = {problem.unit_ids[u]: i for i, u in enumerate(model.units)}
    for slot, name in enumerate(model.slots):
        seat = local.get(before.get(str(name.territory_id), ""), -1)
        if seat >= 0 and assignment[seat] == slot:
            seats[slot] = seat
    return seats


def start_multipliers(model: AreaModel) -> FloatArray:
    return np.zeros((model.shape[1], model.loads.shape[1]))
