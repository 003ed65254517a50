"""From a `Problem` and its partition to the arrays of each area."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pipelines.territories.area_model import GONE, NEW, AreaModel
from pipelines.territories.areas import Area, Partition
from pipelines.territories.bands import anchor_oversize, bands, equal_targets
from pipelines.territories.distances import Distances, TravelDistances, plane_coordinates
from pipelines.territories.plan import NoPlan
from pipelines.territories.problem import BoolArray, FloatArray, IntArray, Problem
from pipelines.territories.slots import NamedSlots, Slot, seat_unit

FLOOR_SHARE = 0.02
"""Part of the travel weight that is spread evenly over all units."""
BALANCE_PRICE = 8.0
HARD_PRICE = 80.0
DISRUPTION_PRICE = 0.25
"""Default prices, in multiples of the spread of the market (mean miles from the middle of each area); the
first two add the price of moving to it, so that balance outranks both travel and rest.
"""
WALL = 1000.0
"""What a barred pair costs, in multiples of all prices together."""


def area_models(
    problem: Problem, parts: Partition, named: NamedSlots, distances: Distances
) -> list[AreaModel] | NoPlan:
    """All areas as arrays. The plan in force (`problem.active`) gives each unit its home."""
    index = problem.index()
    loads = np.stack(
        [problem.measures[r.measure] / problem.measures[r.measure].sum() for r in problem.rules], axis=1
    )
    unit_weight = (loads[:, 0] + FLOOR_SHARE / len(problem.unit_ids)) / (1.0 + FLOOR_SHARE)
    price, disruption, wall = _prices(problem, _spread(problem, parts, distances, unit_weight))
    models = []
    for area in parts.areas:
        slots = _slots_of(area, named)
        position = {slot.territory_id: i for i, slot in enumerate(slots) if slot.territory_id is not None}
        local = {int(unit): i for i, unit in enumerate(area.units)}
        limits = _limits(problem, area, position, local)
        if isinstance(limits, NoPlan):
            return limits
        pinned, barred = limits
        home = _homes(problem, area, position)
        edges, neighbours = _local_graph(problem, parts, local)
        targets = equal_targets(loads[area.units], slots)
        oversize = np.array([], dtype=np.int64)
        if not problem.fixed_seats and not problem.rules[0].is_hard:
            targets[:, 0], anchor = anchor_oversize(
                loads[area.units, 0],
                problem.rules[0].tolerance_share,
                pinned=pinned,
                home=home,
                named=len(position),
                slots=len(slots),
            )
            oversize = np.flatnonzero(anchor >= 0)
            pinned = np.where(anchor >= 0, anchor, pinned)
        mean_share = None if problem.fixed_seats else 1.0 / problem.seat_count
        band_low, band_high = bands(problem.rules, targets, mean_share)
        fixed_miles, fixed_root = _fixed(problem, area, slots, distances, local=local, index=index)
        models.append(
            AreaModel(
                units=area.units,
                slots=slots,
                neighbours=neighbours,
                edges=edges,
                loads=loads[area.units],
                targets=targets,
                band_low=band_low,
                band_high=band_high,
                price=price,
                travel_price=problem.travel_price,
                unit_weight=unit_weight[area.units],
                home=home,
                disruption_price=disruption,
                wall=wall,
                pinned=pinned,
                barred=barred,
                distances=distances,
                fixed_miles=fixed_miles,
                fixed_root=fixed_root,
                xy=plane_coordinates(problem, area.units, distances),
                oversize=oversize,
            )
        )
    return models


def lock_links(problem: Problem) -> IntArray:
    """Edges (l, 2) that tie the locked units of a territory to each other: a lock outranks contiguity."""
    index = problem.index()
    groups: dict[str, list[int]] = {}
    for unit, territory in problem.locks.items():
        groups.setdefault(territory, []).append(index[unit])
    pairs = {
        (a, b) for group in groups.values() for a, b in zip(sorted(group), sorted(group)[1:], strict=False)
    }
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _prices(problem: Problem, spread: float) -> tuple[FloatArray, float, float]:
    """Price of each rule (R,), of moving everything, and of what is barred."""
    disruption = 0.0
    if problem.active is not None:
        given = problem.active.disruption_price_miles
        disruption = DISRUPTION_PRICE * spread if given is None else given
    dear = spread * (problem.travel_price or 1.0) + disruption
    price = [
        (HARD_PRICE if rule.is_hard else BALANCE_PRICE) * dear
        if rule.price_miles is None
        else rule.price_miles
        for rule in problem.rules
    ]
    return np.array(price), disruption, WALL * (dear + sum(price))


def _spread(problem: Problem, parts: Partition, distances: Distances, weight: FloatArray) -> float:
    """Mean miles of the market from the unit in the middle of each area; 1.0 where everything is in one
    place.
    """
    total = 0.0
    for area in parts.areas:
        xy = plane_coordinates(problem, area.units, distances)
        share = weight[area.units]
        away = ((xy - share @ xy / share.sum()) ** 2).sum(axis=1)
        middle = area.units[[int(np.argmin(away))]]
        total += float(share @ distances.between(area.units, middle)[:, 0])
    return total if total > 0 else 1.0


def _slots_of(area: Area, named: NamedSlots) -> tuple[Slot, ...]:
    own = [slot for slot, c in zip(named.slots, named.component, strict=True) if c in area.components]
    return tuple(own + [Slot(None)] * (area.seats - len(own)))


def _limits(
    problem: Problem, area: Area, position: Mapping[str, int], local: Mapping[int, int]
) -> tuple[IntArray, BoolArray] | NoPlan:
    """Pinned slots (n,) and barred pairs (n, k) of an area."""
    index = problem.index()
    pinned = np.full(len(area.units), -1, dtype=np.int64)
    for unit, territory in problem.locks.items():
        if index[unit] in local:
            if territory not in position:
                return NoPlan(
                    f"unit {unit} is locked to {territory}, which lies on other land",
                    "lock it to a territory of its own area",
                )
            pinned[local[index[unit]]] = position[territory]
    barred = np.zeros((len(area.units), area.seats), dtype=bool)
    for unit, territory in sorted(problem.forbidden):
        if territory in position and index.get(unit, -1) in local:
            barred[local[index[unit]], position[territory]] = True
    walled = barred.all(axis=1) | ((pinned >= 0) & barred[np.arange(len(pinned)), pinned])
    if walled.any():
        unit = problem.unit_ids[area.units[int(np.flatnonzero(walled)[0])]]
        return NoPlan(f"unit {unit} is barred from every territory it could join", "allow it at least one")
    return pinned, barred


def _homes(problem: Problem, area: Area, position: Mapping[str, int]) -> IntArray:
    home = np.full(len(area.units), NEW, dtype=np.int64)
    if problem.active is not None:
        for i, unit in enumerate(area.units):
            territory_id = problem.active.assignment.get(problem.unit_ids[unit])
            if territory_id is not None:
                home[i] = position.get(territory_id, GONE)
    return home


def _local_graph(
    problem: Problem, parts: Partition, local: Mapping[int, int]
) -> tuple[IntArray, list[list[int]]]:
    edges = np.concatenate([problem.edges, parts.links, lock_links(problem)])
    pairs = sorted({(local[a], local[b]) for a, b in edges.tolist() if a in local and b in local})
    neighbours: list[list[int]] = [[] for _ in local]
    for a, b in pairs:
        neighbours[a].append(b)
        neighbours[b].append(a)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2), [sorted(n) for n in neighbours]


def _fixed(
    problem: Problem,
    area: Area,
    slots: tuple[Slot, ...],
    distances: Distances,
    *,
    local: Mapping[int, int],
    index: Mapping[str, int],
) -> tuple[FloatArray | None, IntArray | None]:
    """Miles (n, k) to fixed seats, and the unit (k,) each is at; None, None when seats are free."""
    if not problem.fixed_seats:
        return None, None
    columns, roots = [], []
    for slot in slots:
        seat = slot.fixed
        assert seat is not None
        place = seat_unit(problem, seat, index)
        assert place is not None
        roots.append(local[place])
        if (
            seat.latitude is not None
            and seat.longitude is not None
            and isinstance(distances, TravelDistances)
        ):
            point = np.array([seat.latitude]), np.array([seat.longitude])
            columns.append(distances.to_points(area.units, *point)[:, 0])
        else:
            columns.append(distances.between(area.units, np.array([place]))[:, 0])
    return np.stack(columns, axis=1), np.array(roots, dtype=np.int64)
