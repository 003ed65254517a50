"""Component policy: which land belongs together, and how many whole seats each piece gets.

A land component that carries enough of the market gets whole seats of its own, by largest remainder; a
smaller one joins a big one over a bridge, or over a link added here where the map has none. A big component
and what joined it are an *area*: no territory reaches over two areas, so each area is solved by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.territories.distances import Distances
from pipelines.territories.plan import NoPlan
from pipelines.territories.problem import FloatArray, IntArray, Problem


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


def partition(
    problem: Problem, distances: Distances, anchored: Mapping[int, int], keeps_seats: bool
) -> Partition | NoPlan:
    """Cut the market into areas.

    `anchored` counts, per land component, the territories that must be there (fixed seats, locks, a plan to
    start from): a component with any is big. `keeps_seats`: there is a plan to start from, so exactly the
    anchored components are big and seats move between areas only when their number changes.
    """
    component = problem.land_component
    entitled = np.array(list(seat_entitlement(problem).values()))
    count = len(entitled)
    seats = problem.seat_count
    big = np.array([anchored.get(c, 0) > 0 for c in range(count)])
    if not (keeps_seats or problem.fixed_seats):
        island = np.bincount(component, weights=problem.is_island) > 0
        big |= ~island & (entitled >= problem.small_component_share * seats)
        if not big.any():
            big[int(np.argmax(entitled))] = True
    if big.sum() > seats:
        return NoPlan(
            f"{int(big.sum())} separate land areas each carry enough for a seat, but there are {seats} seats",
            "add seats, or raise small_component_share so that the smaller areas join a neighbour",
        )
    owner, links = _join_small(problem, distances, big)
    roots = np.flatnonzero(big)
    # The load that decides seats is that of the whole area, with what joined it.
    area_entitled = np.array([entitled[owner == root].sum() for root in roots], dtype=np.float64)
    there = np.array([anchored.get(int(r), 0) for r in roots], dtype=np.int64)
    given = _seats_per_area(problem, area_entitled, there, keeps_seats)
    areas = []
    for root, entitlement, own_seats in zip(roots, area_entitled, given, strict=True):
        units = np.flatnonzero(owner[component] == root)
        if len(units) < own_seats:
            return NoPlan(
                f"an area of {len(units)} units (first {problem.unit_ids[units[0]]}) would need {own_seats} "
                "seats",
                "use fewer seats or smaller units",
            )
        members = tuple(int(c) for c in np.flatnonzero(owner == root))
        areas.append(Area(units, int(own_seats), float(entitlement), members))
    return Partition(tuple(areas), links)


def _seats_per_area(
    problem: Problem, entitled: FloatArray, anchored: IntArray, keeps_seats: bool
) -> IntArray:
    if problem.fixed_seats:
        return anchored
    if not keeps_seats:
        given = largest_remainder(entitled, problem.seat_count)
        while (lack := np.flatnonzero(given < anchored)).size:
            given[lack[0]] += 1
            given[int(np.argmax(np.where(given > anchored, given - entitled, -np.inf)))] -= 1
        return given
    given = anchored.copy()
    while given.sum() < problem.seat_count:
        given[int(np.argmax(entitled - given))] += 1
    while given.sum() > problem.seat_count:
        given[int(np.argmax(np.where(given > 1, given - entitled, -np.inf)))] -= 1
    return given


def _join_small(problem: Problem, distances: Distances, big: np.ndarray) -> tuple[IntArray, IntArray]:
    """Owner (a big component) of every component, and the links that had to be added.

    Shortest bridge first, then the nearest pair; ties by unit order.
    """
    component = problem.land_component
    owner = np.where(big, np.arange(len(big)), -1)
    bridges = problem.edges[problem.is_bridge]
    miles = np.array([distances.between(e[:1], e[1:])[0, 0] for e in bridges])
    order = (
        np.lexsort((bridges[:, 1], bridges[:, 0], miles)) if len(bridges) else np.array([], dtype=np.int64)
    )
    links: list[tuple[int, int]] = []
    while (owner < 0).any():
        for index in order:
            a, b = component[bridges[index, 0]], component[bridges[index, 1]]
            if (owner[a] < 0) != (owner[b] < 0):
                owner[a] = owner[b] = max(owner[a], owner[b])
                break
        else:
            orphan = int(np.flatnonzero(owner < 0)[0])
            a, b = _nearest_pair(component, owner, orphan, distances)
            links.append((min(a, b), max(a, b)))
            owner[orphan] = owner[component[b]]
    return owner, np.array(sorted(links), dtype=np.int64).reshape(-1, 2)


def _nearest_pair(component: IntArray, owner: IntArray, orphan: int, distances: Distances) -> tuple[int, int]:
    """Nearest pair of a unit of `orphan` and a unit that has an owner; the first pair where nothing is
    measurable.
    """
    inside = np.flatnonzero(component == orphan)
    outside = np.flatnonzero(owner[component] >= 0)
    # One unit stands for a large piece: exact enough for a link that only says "belongs with these".
    probe = inside if len(inside) <= 200 else inside[:1]
    miles = distances.between(outside, probe)
    if not np.isfinite(miles).any():
        return int(inside[0]), int(outside[0])
    flat = int(np.argmin(miles))
    return int(probe[flat % len(probe)]), int(outside[flat // len(probe)])
