"""Territories in one piece: finding pieces, checking a removal, and growing whole territories from broken
ones.
"""

from __future__ import annotations

import heapq

import numpy as np

from pipelines.territories.area_model import AreaModel
from pipelines.territories.problem import FloatArray, IntArray


def stays_connected(neighbours: list[list[int]], assignment: list[int], unit: int) -> bool:
    """Whether the slot of `unit` stays in one piece without it (a slot of one unit does not: it would be
    empty).

    Searches outwards from all its neighbours in turn. Searches that meet become one; it ends when one is
    left, or when one has nowhere to go and has met no other, so that a small piece cut off is found as soon
    as it is walked.
    """
    slot = assignment[unit]
    own = [other for other in neighbours[unit] if assignment[other] == slot]
    if len(own) <= 1:
        return len(own) == 1
    leader = list(range(len(own)))
    met_by = {other: group for group, other in enumerate(own)}
    met_by[unit] = -1
    frontiers = [[other] for other in own]
    alive = len(own)
    while True:
        for group in range(len(own)):
            if leader[group] != group:
                continue
            following = []
            for node in frontiers[group]:
                for other in neighbours[node]:
                    if assignment[other] != slot or other == unit:
                        continue
                    found = met_by.get(other)
                    if found is None:
                        met_by[other] = group
                        following.append(other)
                        continue
                    while leader[found] != found:
                        found = leader[found]
                    if found != group:
                        leader[found] = group
                        following += frontiers[found]
                        alive -= 1
                        if alive == 1:
                            return True
            if not following:
                return False
            frontiers[group] = following


def piece_of(neighbours: list[list[int]], assignment: list[int], root: int) -> set[int]:
    """All units of the root's slot that are joined to it."""
    slot = assignment[root]
    seen = {root}
    stack = [root]
    while stack:
        for other in neighbours[stack.pop()]:
            if other not in seen and assignment[other] == slot:
                seen.add(other)
                stack.append(other)
    return seen


def broken_slots(model: AreaModel, assignment: IntArray) -> list[int]:
    """Slots that are empty or in more than one piece."""
    owner = assignment.tolist()
    broken = []
    for slot in range(model.shape[1]):
        members = np.flatnonzero(assignment == slot)
        if not len(members) or len(piece_of(model.neighbours, owner, int(members[0]))) < len(members):
            broken.append(slot)
    return broken


def slot_roots(model: AreaModel, assignment: IntArray, seats: IntArray) -> IntArray:
    """One unit per slot that it is grown from: a pinned unit, else its seat, else its member nearest to the
    seat.

    A slot without members is rooted at the nearest unit that is no root yet.
    """
    n, k = model.shape
    miles = model.seat_miles(seats)
    roots = np.full(k, -1, dtype=np.int64)
    taken: set[int] = set()
    for slot in range(k):
        pinned = np.flatnonzero(model.pinned == slot)
        if len(pinned):
            roots[slot] = int(pinned[np.argmin(miles[pinned, slot])])
            taken.add(int(roots[slot]))
    for slot in np.flatnonzero(roots < 0).tolist():
        members = np.flatnonzero(assignment == slot)
        allowed = [u for u in (members if len(members) else range(n)) if u not in taken]
        allowed = allowed or [u for u in range(n) if u not in taken]
        open_units = [u for u in allowed if model.pinned[u] < 0 and not model.barred[u, slot]] or allowed
        root = int(min(open_units, key=lambda u: (miles[u, slot], u)))
        roots[slot] = root
        taken.add(root)
    return roots


def _obeys_pins(model: AreaModel, assignment: IntArray) -> bool:
    return bool(((model.pinned < 0) | (model.pinned == assignment)).all())


def whole(model: AreaModel, assignment: IntArray, seats: IntArray, cost: FloatArray) -> IntArray:
    """The nearest thing to `assignment` (n,) with every slot in one piece: each keeps the piece at its root,
    and the loose units (-1 as well) are taken up from the borders inwards, dearest mistakes last. Pinned
    units keep their slot.
    """
    if (assignment >= 0).all() and _obeys_pins(model, assignment) and not broken_slots(model, assignment):
        return assignment
    n, k = model.shape
    roots = slot_roots(model, assignment, seats)
    owner = assignment.tolist()
    for unit in np.flatnonzero(model.pinned >= 0).tolist():
        owner[unit] = int(model.pinned[unit])
    for slot, root in enumerate(roots.tolist()):
        owner[root] = slot
    kept = [-1] * n
    for slot, root in enumerate(roots.tolist()):
        for unit in piece_of(model.neighbours, owner, root):
            kept[unit] = slot
    for unit in np.flatnonzero(model.pinned >= 0).tolist():
        kept[unit] = int(model.pinned[unit])
    loads = model.slot_loads(np.array([s if s >= 0 else k for s in kept]))[:k] if k else np.zeros((0, 1))
    heap: list[tuple[float, int, int]] = []

    def offer(unit: int, slot: int) -> None:
        after = loads[slot] + model.loads[unit]
        over = np.maximum(after - model.targets[slot], 0.0) @ model.price
        heapq.heappush(heap, (float(cost[unit, slot] + over), unit, slot))

    for unit in range(n):
        if kept[unit] < 0:
            for slot in sorted({kept[v] for v in model.neighbours[unit] if kept[v] >= 0}):
                offer(unit, slot)
    while heap:
        _, unit, slot = heapq.heappop(heap)
        if kept[unit] >= 0:
            continue
        kept[unit] = slot
        loads[slot] += model.loads[unit]
        for other in model.neighbours[unit]:
            if kept[other] < 0:
                offer(other, slot)
    return np.array(kept, dtype=np.int64)
