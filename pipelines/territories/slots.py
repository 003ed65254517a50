"""Territory slots: which territories exist by name before anything is solved, and where they must lie.

A slot is one territory to be filled. Its name is known when a fixed seat, a lock or a plan to start from
gives it; the others are named after solving.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.territories.distances import TravelDistances
from pipelines.territories.plan import NoPlan
from pipelines.territories.problem import FixedSeat, IntArray, Problem


@dataclass(frozen=True)
class Slot:
    territory_id: str | None
    fixed: FixedSeat | None = None

    @property
    def weight(self) -> float:
        return self.fixed.weight if self.fixed else 1.0


@dataclass(frozen=True)
class NamedSlots:
    """Named slots with the land component each is anchored in, ascending by name.

    `group` (components,) labels the components that a plan to start from held together; None without one.
    """

    slots: tuple[Slot, ...]
    component: tuple[int, ...]
    dissolved: tuple[str, ...] = ()
    group: IntArray | None = None


def named_slots(problem: Problem, start: Mapping[str, str] | None) -> NamedSlots | NoPlan:
    """Slots with a name. With fewer seats than the start has territories, the lightest are dissolved."""
    index = problem.index()
    component = problem.land_component
    unknown = [unit for unit in problem.locks if unit not in index]
    if unknown:
        return NoPlan(
            f"locked unit {unknown[0]} is not among the units", "take the lock out, or add the unit"
        )
    if problem.fixed_seats:
        fixed = problem.fixed_seats
        foreign = sorted(set(problem.locks.values()) - {seat.territory_id for seat in fixed})
        if foreign:
            return NoPlan(
                f"a lock names territory {foreign[0]}, which no seat has", "lock to a territory with a seat"
            )
        places = [seat_unit(problem, seat, index) for seat in fixed]
        lost = [seat.territory_id for seat, place in zip(fixed, places, strict=True) if place is None]
        if lost:
            return NoPlan(
                f"the seat of {lost[0]} is at no known place", "give a unit_id, or latitude and longitude"
            )
        return NamedSlots(
            tuple(Slot(seat.territory_id, seat) for seat in fixed),
            tuple(int(component[place]) for place in places if place is not None),
        )
    locked = {territory: index[unit] for unit, territory in reversed(list(problem.locks.items()))}
    anchor = {territory: int(component[unit]) for territory, unit in locked.items()}
    load: Counter[str] = Counter()
    by_component: dict[str, Counter[int]] = {}
    primary = problem.measures[problem.primary]
    for unit, territory in sorted((start or {}).items()):
        if unit in index:
            position = index[unit]
            load[territory] += primary[position]
            # Units without load still say where a territory is.
            by_component.setdefault(territory, Counter())[int(component[position])] += (
                primary[position] + 1e-9
            )
    for territory, counts in by_component.items():
        anchor.setdefault(territory, min(counts, key=lambda c: (-counts[c], c)))
    surplus = len(anchor) - problem.seat_count
    dissolved = sorted((t for t in anchor if t not in locked), key=lambda t: (load[t], t))[: max(surplus, 0)]
    if len(dissolved) < surplus:
        return NoPlan(
            f"locks name {len(locked)} territories, but there are {problem.seat_count} seats",
            "add seats, or take locks out",
        )
    names = sorted(set(anchor) - set(dissolved))
    return NamedSlots(
        slots=tuple(Slot(name) for name in names),
        component=tuple(anchor[name] for name in names),
        dissolved=tuple(sorted(dissolved)),
        group=None if start is None else _held_together(problem, by_component),
    )


def _held_together(problem: Problem, by_component: Mapping[str, Mapping[int, float]]) -> IntArray:
    """A label per land component: the same for those that one territory of the start, or the territories of
    one area of the plan in force, have units of.
    """
    label = np.arange(int(problem.land_component.max()) + 1)
    areas = problem.active.areas if problem.active is not None else ()
    for territories in [*areas, *([territory] for territory in sorted(by_component))]:
        held = {component for territory in territories for component in by_component.get(territory, ())}
        if held:
            labels = {int(label[component]) for component in held}
            label[np.isin(label, list(labels))] = min(labels)
    return label


def seat_unit(problem: Problem, seat: FixedSeat, index: Mapping[str, int]) -> int | None:
    """The unit a fixed seat is at, or the nearest one to its coordinates."""
    if seat.unit_id is not None:
        return index.get(seat.unit_id)
    if (
        seat.latitude is None
        or seat.longitude is None
        or problem.latitude is None
        or problem.longitude is None
    ):
        return None
    if problem.travel is None:
        return None
    distances = TravelDistances(problem.latitude, problem.longitude, problem.travel)
    point = np.array([seat.latitude]), np.array([seat.longitude])
    return int(np.argmin(distances.to_points(np.arange(len(problem.unit_ids)), *point)[:, 0]))
