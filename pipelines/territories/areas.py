"""Component policy: which land belongs together, and how many whole seats each piece gets.

A land component that carries enough of the market gets whole seats of its own, by largest remainder; a
smaller one joins a big one over a bridge, or over a link added here where the map has none. A big component
and what joined it are an *area*: no territory reaches over two areas, so each area is solved by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.territories.distances import Distances
from pipelines.territories.plan import NoPlan
from pipelines.territories.problem import BoolArray, FloatArray, IntArray, Problem
from pipelines.territories.slots import NamedSlots

KEEPS_SEAT = 0.5


@dataclass(frozen=True)
class Area:
    """Units (indices into the problem, ascending) that share `seats` territories; `entitled` is the exact
    share of seats their load would justify.
    """

    units: IntArray
    seats: int
    entitled: float
    components: tuple[int, ...]


@dataclass(frozen=True)
class Partition:
    """`links` (l, 2) are edges added to join what no bridge joins."""

    areas: tuple[Area, ...]
    links: IntArray


def largest_remainder(loads: FloatArray, seats: int, at_least: int = 1) -> IntArray:
    """Whole seats in proportion to `loads` (Hare quota, at least `at_least` each); ties go to the earlier
    entry.

    Needs `seats >= at_least * len(loads)`.
    """
    exact = loads / loads.sum() * seats if loads.sum() > 0 else np.full(len(loads), seats / len(loads))
    given = np.maximum(np.floor(exact).astype(np.int64), at_least)
    while given.sum() < seats:
        given[int(np.argmax(exact - given))] += 1
    while given.sum() > seats:
        surplus = np.where(given > at_least, given - exact, -np.inf)
        given[int(np.argmax(surplus))] -= 1
    return given


def seat_entitlement(problem: Problem) -> dict[int, float]:
    """Exact, fractional seats that each land component's share of the primary measure justifies."""
    load = np.bincount(problem.land_component, weights=problem.measures[problem.primary])
    return {c: float(share) for c, share in enumerate(load / load.sum() * problem.seat_count)}


def partition(problem: Problem, distances: Distances, named: NamedSlots) -> Partition | NoPlan:
    """Cut the market into areas; the slots with a name say what must be where.

    With a plan to start from, the components that it held together stay together, and seats move between
    areas only when their number changes.
    """
    component = problem.land_component
    entitled = np.array(list(seat_entitlement(problem).values()))
    seats = problem.seat_count
    anchored = (
        np.bincount(named.component, minlength=len(entitled)) if named.slots else np.zeros(len(entitled), int)
    )
    big, group = _big_components(problem, entitled, anchored, named.group)
    if big.sum() > seats:
        return NoPlan(
            f"{int(big.sum())} separate land areas each carry enough for a seat, but there are {seats} seats",
            "add seats, or raise small_component_share so that the smaller areas join a neighbour",
        )
    owner, links = _join_small(problem, distances, big, group)
    roots = np.flatnonzero(big)
    # What counts for seats is the whole area, with all that joined it.
    due = np.array([entitled[owner == root].sum() for root in roots], dtype=np.float64)
    there = np.array([anchored[owner == root].sum() for root in roots], dtype=np.int64)
    if np.maximum(there, 1).sum() > seats:
        return NoPlan(
            f"locks ask for more territories on one side of the water than {seats} seats leave it",
            "take out a lock, or add seats",
        )
    units_of = [np.flatnonzero(owner[component] == root) for root in roots]
    given = _seats_per_area(problem, due, there, named.group is not None)
    if not problem.fixed_seats:
        given = _no_more_than_units(given, due, np.array([len(units) for units in units_of]))
    areas = []
    for root, units, entitlement, own_seats in zip(roots, units_of, due, given, strict=True):
        if len(units) < own_seats:
            return NoPlan(
                f"{own_seats} seats are fixed on land of {len(units)} units (first {problem.unit_ids[units[0]]})",
                "use fewer seats there, or smaller units",
            )
        members = tuple(int(c) for c in np.flatnonzero(owner == root))
        areas.append(Area(units, int(own_seats), float(entitlement), members))
    return Partition(tuple(areas), links)


def _big_components(
    problem: Problem, entitled: FloatArray, anchored: IntArray, group: IntArray | None
) -> tuple[BoolArray, IntArray]:
    """Which components are big, and the group each must stay with (its own where nothing says otherwise)."""
    count = len(entitled)
    is_island = np.bincount(problem.land_component, weights=problem.is_island, minlength=count) > 0
    alone = np.arange(count)
    if problem.fixed_seats:
        big, group = (anchored > 0) & ~is_island, alone
        candidates = np.where(anchored > 0, entitled, -1.0)
    elif group is None:
        big, group = ~is_island & (entitled >= problem.small_component_share), alone
        candidates = entitled
    else:
        big = np.zeros(count, dtype=bool)
        for label in np.unique(group):
            members = np.flatnonzero(group == label)
            # Half the share is enough for land that has a seat already, so that drift does not cut and join
            # it.
            is_enough = entitled[members].sum() >= KEEPS_SEAT * problem.small_component_share
            mainland = members[~is_island[members]]
            if anchored[members].sum() and is_enough and len(mainland):
                big[mainland[int(np.argmax(entitled[mainland]))]] = True
        candidates = entitled
    if not big.any():
        big[int(np.argmax(candidates))] = True
    return big, group


def _seats_per_area(problem: Problem, due: FloatArray, there: IntArray, keeps_seats: bool) -> IntArray:
    """Whole seats of each area: never fewer than the territories that must be `there`, and at least one.

    Needs `max(there, 1).sum() <= problem.seat_count`.
    """
    if problem.fixed_seats:
        return there
    if keeps_seats:
        given = there.copy()
        while given.sum() < problem.seat_count:
            given[int(np.argmax(due - given))] += 1
        return given
    given = largest_remainder(due, problem.seat_count)
    least = np.maximum(there, 1)
    while (lack := np.flatnonzero(given < least)).size:
        given[lack[0]] += 1
        given[int(np.argmax(np.where(given > least, given - due, -np.inf)))] -= 1
    return given


def _no_more_than_units(given: IntArray, due: FloatArray, units: IntArray) -> IntArray:
    """Hand seats that an area has no units for to the area that is due the most. Needs as many units as
    seats.
    """
    given = given.copy()
    while (crowded := np.flatnonzero(given > units)).size:
        given[crowded[0]] -= 1
        given[int(np.argmax(np.where(given < units, due - given, -np.inf)))] += 1
    return given


def _join_small(
    problem: Problem, distances: Distances, big: BoolArray, group: IntArray
) -> tuple[IntArray, IntArray]:
    """Owner (a big component) of every component, and the links that had to be added.

    Shortest bridge first, then the links of the plan in force, then the nearest pair; ties by unit order. A
    component whose group has a big member joins that one and no other.
    """
    component = problem.land_component
    owner = np.where(big, np.arange(len(big)), -1)
    root_of = {int(group[root]): int(root) for root in np.flatnonzero(big)}
    wanted = np.array([root_of.get(int(label), -1) for label in group])
    bridges = problem.edges[problem.is_bridge]
    miles = np.array([distances.between(e[:1], e[1:])[0, 0] for e in bridges])
    order = (
        np.lexsort((bridges[:, 1], bridges[:, 0], miles)) if len(bridges) else np.array([], dtype=np.int64)
    )
    remembered = _links_in_force(problem)
    links: list[tuple[int, int]] = []
    while (owner < 0).any():
        for index in order:
            ends = (int(bridges[index, 0]), int(bridges[index, 1]))
            pair = next((p for p in (ends, ends[::-1]) if _joins(component, owner, wanted, p)), None)
            if pair is not None:
                owner[component[pair[0]]] = owner[component[pair[1]]]
                break
        else:
            known = (pair for pair in remembered if _joins(component, owner, wanted, pair))
            orphan = int(np.flatnonzero(owner < 0)[0])
            allowed = owner >= 0 if wanted[orphan] < 0 else owner == wanted[orphan]
            a, b = next(known, None) or _nearest_pair(component, allowed, orphan, distances)
            links.append((min(a, b), max(a, b)))
            owner[component[a]] = owner[component[b]]
    return owner, np.array(sorted(links), dtype=np.int64).reshape(-1, 2)


def _joins(component: IntArray, owner: IntArray, wanted: IntArray, pair: tuple[int, int]) -> bool:
    """Whether the first unit lies on land without an owner that may join the land of the second."""
    joining, joined = component[pair[0]], component[pair[1]]
    return bool(owner[joining] < 0 <= owner[joined] and wanted[joining] in (-1, owner[joined]))


def _links_in_force(problem: Problem) -> list[tuple[int, int]]:
    """Links of the plan in force whose units still exist, in both directions."""
    index = problem.index()
    links = problem.active.links if problem.active is not None else ()
    # A link between units locked to one territory belongs to the locks, not to the land.
    pairs = [
        (index[a], index[b])
        for a, b in links
        if a in index and b in index and (a not in problem.locks or problem.locks[a] != problem.locks.get(b))
    ]
    return [end for a, b in sorted(pairs) for end in ((a, b), (b, a))]


def _nearest_pair(
    component: IntArray, allowed: BoolArray, orphan: int, distances: Distances
) -> tuple[int, int]:
    """Nearest pair of a unit of `orphan` and a unit of an allowed component; the first pair where nothing is
    measurable."""
    inside = np.flatnonzero(component == orphan)
    outside = np.flatnonzero(allowed[component])
    # One unit stands for a large piece: exact enough for a link that only says "belongs with these".
    probe = inside if len(inside) <= 200 else inside[:1]
    miles = distances.between(outside, probe)
    if not np.isfinite(miles).any():
        return int(inside[0]), int(outside[0])
    flat = int(np.argmin(miles))
    return int(probe[flat % len(probe)]), int(outside[flat // len(probe)])
