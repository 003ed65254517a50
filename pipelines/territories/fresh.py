"""A plan from nothing, for one area: seats, balanced assignment, whole territories, border search, exact
polish.
"""

from __future__ import annotations

from pipelines.territories.area_model import AreaModel
from pipelines.territories.contiguity import whole
from pipelines.territories.dual_ascent import lagrangian
from pipelines.territories.load_flow import balance_by_flow
from pipelines.territories.local_search import improve
from pipelines.territories.polish import polish
from pipelines.territories.problem import FloatArray, IntArray
from pipelines.territories.seeding import bisection_seats, lloyd
from pipelines.territories.stop import Stop

START_HEAT = 0.5
"""First temperature of the annealing, in shares of the mean travel cost of a unit."""


def solve_fresh(model: AreaModel, stop: Stop, seed: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Assignment (n,), seats (k,) and multipliers (k, R) that are a good start for the bound."""
    seats, multipliers = lloyd(model, bisection_seats(model), stop.lloyd_rounds, stop.ascent_iterations)
    cost = model.cost(seats)
    _, assignment = lagrangian(model, cost, multipliers)
    assignment = whole(model, assignment, seats, cost)
    for turn in range(stop.search_rounds):
        assignment = improve(
            model, assignment, seats, stop=stop, heat=START_HEAT / 3.0**turn, seed=seed + turn
        )
        settled = model.medians(assignment, seats)
        if (settled == seats).all():
            break
        seats = settled
    assignment = balance_by_flow(model, assignment, seats, stop)
    assignment = polish(model, assignment, seats, stop=stop, seed=seed)
    seats = model.medians(assignment, seats)
    return improve(model, assignment, seats, stop=stop, heat=0.0, seed=seed), seats, multipliers
