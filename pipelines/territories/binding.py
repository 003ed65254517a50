"""What binds: in plain words, what keeps this plan from being better balanced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.territories.area_model import ROUNDING
from pipelines.territories.areas import Partition
from pipelines.territories.evaluate import SolvedArea
from pipelines.territories.problem import Problem
from pipelines.territories.slots import NamedSlots

MOST_NAMED = 5


def what_binds(
    problem: Problem,
    parts: Partition,
    named: NamedSlots,
    solved: Sequence[SolvedArea],
    names: Sequence[Sequence[str]],
) -> tuple[str, ...]:
    """Sentences, the coarsest cause first; empty when every territory is within its band and nothing was
    forced.
    """
    found = _whole_seats(problem, parts) + _oversize_units(problem, solved, names)
    found += _outside_band(problem, solved, names)
    if len(parts.links):
        found.append(f"{len(parts.links)} pieces of land that nothing joins were linked to the nearest unit")
    if problem.locks:
        found.append(f"{len(problem.locks)} units are locked")
    if named.dissolved:
        found.append(f"dissolved for want of seats: {', '.join(named.dissolved)}")
    return tuple(found)


def _whole_seats(problem: Problem, parts: Partition) -> list[str]:
    if problem.fixed_seats or len(parts.areas) == 1:
        return []
    worth_saying = min(problem.rules[0].tolerance_share, 0.01)
    return [
        f"whole seats: the area of {problem.unit_ids[area.units[0]]} ({len(area.units)} units) is due "
        f"{area.entitled:.2f} seats and has {area.seats}, so its territories start at "
        f"{area.entitled / area.seats:.1%} of the mean"
        for area in parts.areas
        if abs(area.entitled / area.seats - 1.0) > worth_saying
    ]


def _oversize_units(
    problem: Problem, solved: Sequence[SolvedArea], names: Sequence[Sequence[str]]
) -> list[str]:
    found = []
    for area, own in zip(solved, names, strict=True):
        for unit in area.model.oversize:
            share = float(area.model.loads[unit, 0]) * problem.seat_count
            unit_id, territory = problem.unit_ids[area.model.units[unit]], own[area.assignment[unit]]
            found.append(
                (-share, f"unit {unit_id} alone carries {share:.0%} of a mean territory ({territory})")
            )
    return _first_few([text for _, text in sorted(found)], "units above the band")


def _outside_band(
    problem: Problem, solved: Sequence[SolvedArea], names: Sequence[Sequence[str]]
) -> list[str]:
    found = []
    for area, own in zip(solved, names, strict=True):
        model = area.model
        loads = model.slot_loads(area.assignment)
        for slot, column in np.argwhere(model.excess(loads) > ROUNDING):
            if slot in area.assignment[model.oversize]:
                continue
            target, rule = model.targets[slot, column], problem.rules[column]
            members = np.flatnonzero(area.assignment == slot)
            largest = members[int(np.argmax(model.loads[members, column]))]
            off = float(loads[slot, column] / target - 1.0)
            text = (
                f"{own[slot]} is {off:+.2%} off its {rule.measure} target (tolerance "
                f"{rule.tolerance_share:.0%}); its largest unit {problem.unit_ids[model.units[largest]]} is "
                f"{model.loads[largest, column] / target:.0%} of the target"
            )
            found.append((-abs(off), text))
    return _first_few([text for _, text in sorted(found)], "territories outside their band")


def _first_few(sentences: list[str], what: str) -> list[str]:
    if len(sentences) <= MOST_NAMED:
        return sentences
    return [*sentences[:MOST_NAMED], f"and {len(sentences) - MOST_NAMED} more {what}"]
