"""The independent checker: everything a plan claims, worked out again from the problem with plain loops.

Nothing here calls the solver's arrays; only `problem`, `plan` and the travel model are read. Tests and asset
checks use the same predicates. An empty list means that the plan is what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.territories.plan import Plan, Territory
from pipelines.territories.problem import Problem

CLOSE = 1e-6


@dataclass(frozen=True, order=True)
class Violation:
    """One broken promise: the name of the predicate, whom it concerns (territory or unit), and what was
    found.
    """

    name: str
    subject: str
    found: str


def verify(problem: Problem, plan: Plan) -> list[Violation]:
    """All violations of `plan` as an answer to `problem`, sorted."""
    owners = dict(plan.assignment)
    found = [*cover(problem.unit_ids, owners, (t.territory_id for t in plan.territories))]
    if found:
        return sorted(found)
    members: dict[str, list[str]] = defaultdict(list)
    for unit, territory in owners.items():
        members[territory].append(unit)
    found += _seats(problem, plan, members)
    found += _links(problem, plan)
    found += contiguity(owners, [*_edge_ids(problem), *plan.links])
    found += _areas(problem, owners)
    found += _locks(problem, owners)
    for planned in plan.territories:
        found += _loads(problem, planned, members[planned.territory_id])
    found += _objective(problem, plan, owners)
    return sorted(found)


def cover(
    unit_ids: Iterable[str], owners: Mapping[str, str], territory_ids: Iterable[str]
) -> list[Violation]:
    """Every unit has one owner, every owner is a territory, and every territory owns something."""
    wanted, territories = set(unit_ids), set(territory_ids)
    found = [Violation("unit_not_covered", unit, "has no territory") for unit in wanted - owners.keys()]
    found += [
        Violation("unknown_unit", unit, "is not a unit of the problem") for unit in owners.keys() - wanted
    ]
    found += [
        Violation("unknown_territory", t, "is not in the plan") for t in set(owners.values()) - territories
    ]
    found += [Violation("empty_territory", t, "owns no unit") for t in territories - set(owners.values())]
    return sorted(found)


def contiguity(owners: Mapping[str, str], edges: Iterable[tuple[str, str]]) -> list[Violation]:
    """Every territory is in one piece over `edges` (bridges count)."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for a, b in edges:
        if owners.get(a) is not None and owners.get(a) == owners.get(b):
            neighbours[a].append(b)
            neighbours[b].append(a)
    first: dict[str, str] = {}
    for unit in sorted(owners):
        first.setdefault(owners[unit], unit)
    seen: set[str] = set()
    for start in first.values():
        stack = [start]
        seen.add(start)
        while stack:
            for other in neighbours[stack.pop()]:
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
    loose: dict[str, list[str]] = defaultdict(list)
    for unit in sorted(owners):
        if unit not in seen:
            loose[owners[unit]].append(unit)
    return [
        Violation(
            "territory_broken", territory, f"{len(units)} units cut off from {first[territory]}: {units[:3]}"
        )
        for territory, units in sorted(loose.items())
    ]


def _edge_ids(problem: Problem) -> list[tuple[str, str]]:
    return [(problem.unit_ids[a], problem.unit_ids[b]) for a, b in problem.edges.tolist()]


def _links(problem: Problem, plan: Plan) -> list[Violation]:
    """An added edge may only join land that nothing else joins, or units locked to one territory."""
    parent = {unit: unit for unit in problem.unit_ids}

    def root(unit: str) -> str:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    for a, b in _edge_ids(problem):
        parent[root(a)] = root(b)
    found = []
    for a, b in plan.links:
        is_locked_pair = a in problem.locks and problem.locks.get(a) == problem.locks.get(b)
        if not is_locked_pair and root(a) == root(b):
            found.append(Violation("needless_link", a, f"was joined to {b} by more than the map"))
        elif not is_locked_pair:
            parent[root(a)] = root(b)
    return found


def _areas(problem: Problem, owners: Mapping[str, str]) -> list[Violation]:
    """No territory holds two land components that each carry enough for seats of their own. Where seats are
    fixed or a plan is in force, these decide which components are big, and there is nothing to check here.
    """
    if problem.fixed_seats or problem.active is not None or problem.locks:
        return []
    load: dict[int, float] = defaultdict(float)
    island: set[int] = set()
    for i, component in enumerate(problem.land_component.tolist()):
        load[component] += float(problem.measures[problem.primary][i])
        if problem.is_island[i]:
            island.add(component)
    total = sum(load.values())
    least = problem.small_component_share * total / problem.seat_count
    big = {c for c, own in load.items() if own >= least and c not in island}
    held: dict[str, set[int]] = defaultdict(set)
    for i, component in enumerate(problem.land_component.tolist()):
        if component in big:
            held[owners[problem.unit_ids[i]]].add(component)
    return [
        Violation("spans_areas", territory, f"holds parts of {len(parts)} big components")
        for territory, parts in sorted(held.items())
        if len(parts) > 1
    ]


def _locks(problem: Problem, owners: Mapping[str, str]) -> list[Violation]:
    found = [
        Violation("lock_broken", unit, f"is in {owners[unit]}, locked to {territory}")
        for unit, territory in problem.locks.items()
        if owners[unit] != territory
    ]
    found += [
        Violation("ban_broken", unit, f"is in {territory}, which is forbidden")
        for unit, territory in sorted(problem.forbidden)
        if owners.get(unit) == territory
    ]
    return found


def _seats(problem: Problem, plan: Plan, members: Mapping[str, list[str]]) -> list[Violation]:
    found = []
    if len(plan.territories) != problem.seat_count:
        found.append(
            Violation("seat_count", "plan", f"{len(plan.territories)} for {problem.seat_count} seats")
        )
    wanted = {seat.territory_id: seat for seat in problem.fixed_seats}
    for territory in plan.territories:
        if not wanted and territory.seat_unit_id not in members[territory.territory_id]:
            found.append(
                Violation(
                    "seat_outside", territory.territory_id, f"its seat {territory.seat_unit_id} is not in it"
                )
            )
        if wanted:
            seat = wanted.get(territory.territory_id)
            moved = seat is None or (seat.unit_id is not None and seat.unit_id != territory.seat_unit_id)
            if moved:
                found.append(
                    Violation("fixed_seat_moved", territory.territory_id, f"sits at {territory.seat_unit_id}")
                )
    return found


def _loads(problem: Problem, territory: Territory, units: list[str]) -> list[Violation]:
    position = problem.index()
    found = []
    for name, values in problem.measures.items():
        load = sum(float(values[position[unit]]) for unit in units)
        if abs(load - territory.measures[name]) > CLOSE * max(1.0, abs(load)):
            found.append(
                Violation(
                    "load_wrong",
                    territory.territory_id,
                    f"{name} is {load}, stated {territory.measures[name]}",
                )
            )
    for rule in problem.rules:
        total = float(problem.measures[rule.measure].sum())
        share = sum(float(problem.measures[rule.measure][position[unit]]) for unit in units) / total
        low, high = territory.bands[rule.measure]
        outside = max(share - high, low - share, 0.0)
        if rule.is_hard and outside > CLOSE:
            found.append(
                Violation("hard_balance_broken", territory.territory_id, f"{rule.measure} by {outside:.4f}")
            )
        stated = territory.excess_shares.get(rule.measure, 0.0)
        if abs(outside - stated) > CLOSE:
            found.append(
                Violation(
                    "excess_wrong",
                    territory.territory_id,
                    f"{rule.measure}: {outside:.6f}, stated {stated:.6f}",
                )
            )
        widest = territory.targets[rule.measure] * rule.tolerance_share + CLOSE
        target = territory.targets[rule.measure]
        if target - low > widest or high - target > widest:
            found.append(
                Violation("band_too_wide", territory.territory_id, f"{rule.measure}: {low} to {high}")
            )
    return found


def _objective(problem: Problem, plan: Plan, owners: Mapping[str, str]) -> list[Violation]:
    """Travel is summed again over the stated miles, and the miles are measured again where there is a map."""
    found = []
    primary = problem.measures[problem.primary]
    total = float(primary.sum())
    seats = {t.territory_id: t for t in plan.territories}
    if problem.distance_matrix is None and problem.latitude is not None and problem.longitude is not None:
        assert problem.travel is not None
        places = [seats[owners[unit]] for unit in problem.unit_ids]
        again = problem.travel.miles(
            problem.latitude,
            problem.longitude,
            np.array([float(place.seat_latitude or 0.0) for place in places]),
            np.array([float(place.seat_longitude or 0.0) for place in places]),
        )
        worst = int(np.argmax(np.abs(again - plan.drive_miles)))
        if abs(float(again[worst] - plan.drive_miles[worst])) > CLOSE:
            unit = problem.unit_ids[worst]
            found.append(
                Violation("miles_wrong", unit, f"{again[worst]:.4f}, stated {plan.drive_miles[worst]:.4f}")
            )
    # The weights of docs/methods/territories.md: share of the primary measure, 2 % spread evenly.
    count = len(problem.unit_ids)
    weights = [(float(load) / total + 0.02 / count) / 1.02 for load in primary]
    travel = sum(weight * float(miles) for weight, miles in zip(weights, plan.drive_miles, strict=True))
    outside = 0.0
    for territory in plan.territories:
        for rule in problem.rules:
            measure = float(problem.measures[rule.measure].sum())
            share = territory.measures[rule.measure] / measure
            low, high = territory.bands[rule.measure]
            outside += plan.prices[rule.measure] * max(share - high, low - share, 0.0)
    moved = 0.0
    if problem.active is not None:
        before = problem.active.assignment
        changed = [u for u in problem.unit_ids if before.get(u) is not None and before[u] != owners[u]]
        position = problem.index()
        moved = sum(float(primary[position[unit]]) for unit in changed) / total
        if len(changed) != plan.moved_units or abs(moved - plan.moved_opportunity_share) > CLOSE:
            found.append(Violation("moves_wrong", "plan", f"{len(changed)} units, stated {plan.moved_units}"))
    objective = problem.travel_price * travel + outside + plan.disruption_price_miles * moved
    if abs(objective - plan.objective) > CLOSE * max(1.0, objective):
        found.append(Violation("objective_wrong", "plan", f"{objective:.6f}, stated {plan.objective:.6f}"))
    if plan.bound is not None and plan.bound > plan.objective + CLOSE:
        found.append(Violation("bound_above_objective", "plan", f"{plan.bound:.6f} > {plan.objective:.6f}"))
    for rule in problem.rules:
        targets = sum(territory.targets[rule.measure] for territory in plan.territories)
        if abs(targets - 1.0) > CLOSE:
            found.append(
                Violation("targets_wrong", rule.measure, f"sum to {targets:.6f}, not to the whole market")
            )
    return found
