"""The one entrance: a `Problem` in, a `Plan` with its bound or `NoPlan` with its reason out.

Same problem, same stop, same seed: the same plan. Areas (see `areas`) are solved one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pipelines.territories.area_building import area_models, lock_links
from pipelines.territories.area_model import ROUNDING, AreaModel
from pipelines.territories.areas import Partition, partition
from pipelines.territories.binding import what_binds
from pipelines.territories.contiguity import broken_slots
from pipelines.territories.distances import distances_of
from pipelines.territories.dual_ascent import proven_bound
from pipelines.territories.evaluate import SolvedArea, make_plan
from pipelines.territories.exact import MOST_UNITS, solve_exactly
from pipelines.territories.fresh import solve_fresh
from pipelines.territories.names import next_territory_ids
from pipelines.territories.plan import NoPlan, Plan
from pipelines.territories.problem import Problem
from pipelines.territories.rebuild import keep, solve_from, start_multipliers
from pipelines.territories.slots import NamedSlots, named_slots
from pipelines.territories.stop import Stop


def solve(
    problem: Problem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    initial: Plan | Mapping[str, str] | None = None,
) -> Plan | NoPlan:
    """Solve `problem`.

    The search starts from `initial` (unit -> territory, or a plan) if given, else from the plan in force
    (`problem.active`) if there is one, else from nothing. Territory ids of the start are kept.
    """
    stop = stop or Stop()
    refusal = _cannot_be_met(problem)
    if refusal is not None:
        return refusal
    start = initial.assignment if isinstance(initial, Plan) else initial
    if start is None and problem.active is not None:
        start = problem.active.assignment
    named = named_slots(problem, start)
    if isinstance(named, NoPlan):
        return named
    no_links = np.zeros((0, 2), dtype=np.int64)
    parts = partition(problem, distances_of(problem, no_links), named)
    if isinstance(parts, NoPlan):
        return parts
    models = area_models(problem, parts, named, distances_of(problem, parts.links))
    if isinstance(models, NoPlan):
        return models
    solved: list[SolvedArea] = []
    for model in models:
        area = _solve_area(problem, model, start, stop=stop, seed=seed)
        if isinstance(area, NoPlan):
            return area
        solved.append(area)
    return _finish(problem, parts, named, solved)


def _solve_area(
    problem: Problem, model: AreaModel, start: Mapping[str, str] | None, *, stop: Stop, seed: int
) -> SolvedArea | NoPlan:
    first = problem.unit_ids[model.units[0]]
    if len(model.units) <= MOST_UNITS:
        best = solve_exactly(model)
        if best is None:
            return NoPlan(
                f"no way to fill {model.shape[1]} whole territories from the {len(model.units)} units of the "
                f"area of {first} keeps every lock and ban",
                "take out a lock or a ban there",
            )
        assignment, seats, bound = best
        kept = None if start is None else keep(problem, model, start)
        if kept is not None:
            assignment, seats = kept
        return SolvedArea(model, assignment, seats, bound)
    multipliers = start_multipliers(model)
    if start is not None:
        assignment, seats = solve_from(problem, model, start, stop, seed)
    else:
        assignment, seats, multipliers = solve_fresh(model, stop, seed)
    if broken_slots(model, assignment) or _breaks_a_ban(model, assignment):
        return NoPlan(
            f"no plan found that keeps every lock and ban in the area of {first}",
            "take out a lock or a ban there",
            is_proven=False,
        )
    return SolvedArea(
        model, assignment, seats, proven_bound(model, seats, multipliers, stop.bound_iterations)
    )


def _finish(problem: Problem, parts: Partition, named: NamedSlots, solved: list[SolvedArea]) -> Plan | NoPlan:
    is_exact = all(len(area.model.units) <= MOST_UNITS for area in solved)
    names = _names(problem, solved)
    plan = make_plan(
        problem,
        solved,
        names,
        links=np.concatenate([parts.links, lock_links(problem)]),
        bound_kind="exact" if is_exact else "these seats",
        what_binds=what_binds(problem, parts, named, solved, names),
    )
    for column, rule in enumerate(problem.rules):
        outside = sum(
            float(a.model.excess(a.model.slot_loads(a.assignment))[:, column].sum()) for a in solved
        )
        if rule.is_hard and outside > ROUNDING:
            return NoPlan(
                f"{rule.measure} cannot be held within {rule.tolerance_share:.1%} everywhere: "
                f"{outside:.2%} of the market lies outside the band ({'; '.join(plan.what_binds)})",
                "widen the tolerance, use smaller units or change the number of seats",
                is_proven=_has_unit_above_band(solved, column),
                closest=plan,
            )
    return plan


def _names(problem: Problem, solved: list[SolvedArea]) -> list[list[str]]:
    """Known ids stay; the others are numbered by the id of their seat unit."""
    known = {slot.territory_id for area in solved for slot in area.model.slots if slot.territory_id}
    unnamed = sorted(
        (int(area.model.units[area.seats[s]]), a, s)
        for a, area in enumerate(solved)
        for s, slot in enumerate(area.model.slots)
        if not slot.territory_id
    )
    # A new territory takes no id that was in force, and none that a ban is about.
    used = set(problem.active.assignment.values()) if problem.active is not None else set()
    used |= {territory for _, territory in problem.forbidden}
    ids = next_territory_ids(known | used, len(unnamed))
    new = {(a, s): territory_id for (_, a, s), territory_id in zip(unnamed, ids, strict=True)}
    return [
        [slot.territory_id or new[(a, s)] for s, slot in enumerate(area.model.slots)]
        for a, area in enumerate(solved)
    ]


def _cannot_be_met(problem: Problem) -> NoPlan | None:
    if not problem.unit_ids:
        return NoPlan("there are no units", "check the scope: no located opportunity was handed in")
    if not 1 <= problem.seat_count <= len(problem.unit_ids):
        return NoPlan(
            f"{problem.seat_count} seats for {len(problem.unit_ids)} units",
            "set between one seat and as many seats as units",
        )
    for rule in problem.rules:
        values = problem.measures[rule.measure]
        if not np.isfinite(values).all() or (values < 0).any():
            unit = problem.unit_ids[int(np.argmax(~np.isfinite(values) | (values < 0)))]
            return NoPlan(
                f"{rule.measure} of unit {unit} is not a number of zero or more", "mend the measure"
            )
        if values.sum() <= 0:
            return NoPlan(f"{rule.measure} is zero in every unit", "balance on a measure that the market has")
        if rule.tolerance_share < 0:
            return NoPlan(f"the tolerance of {rule.measure} is negative", "set a share of zero or more")
    return None


def _breaks_a_ban(model: AreaModel, assignment: np.ndarray) -> bool:
    barred = model.barred[np.arange(len(assignment)), assignment]
    return bool(barred.any() or ((model.pinned >= 0) & (model.pinned != assignment)).any())


def _has_unit_above_band(solved: list[SolvedArea], column: int) -> bool:
    """Whether a single unit is too large for every territory it could be in: the proof that needs no
    search.
    """
    return any(
        bool((a.model.loads[:, column].max() > a.model.band_high[:, column] + ROUNDING).all()) for a in solved
    )
