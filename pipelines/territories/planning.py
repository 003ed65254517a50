"""One planning run, from the tables of a refresh to the plan's tables: problem, solution, names.

Belongs here: how the business configuration becomes a `Problem`. The engine itself knows nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.atomic_files import read_json
from pipelines.config.model import BusinessConfig
from pipelines.geography.travel import travel_from_settings
from pipelines.geography.zip_table import cbsa_names
from pipelines.territories.inputs import UnitTotals, problem_from_frames, unit_totals
from pipelines.territories.names import territory_names
from pipelines.territories.plan import NoPlan, Plan
from pipelines.territories.plan_store import PLAN_FILE, StoredPlan
from pipelines.territories.problem import ActivePlan, BalanceRule, Problem
from pipelines.territories.solve import solve
from pipelines.territories.tables import PlanTables, plan_tables

OWN_SEAT_SHARE = 0.5
"""A mainland component with less than half a territory's load is joined to a neighbour instead of getting a seat."""


class NoPlanExists(ValueError):
    """Raised where the engine has no plan; says why and what would help."""

    def __init__(self, answer: NoPlan):
        self.answer = answer
        super().__init__(f"No plan exists because {answer.reason}. What would help: {answer.remedy}.")


@dataclass(frozen=True)
class PlannedTerritories:
    """The plan with its tables. `totals.unplaced` is opportunity no territory can hold (unlocated, out of scope)."""

    problem: Problem
    plan: Plan
    tables: PlanTables
    totals: UnitTotals


def plan_territories(
    refresh_id: str,
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    potential: pd.DataFrame,
    level_shift: pd.DataFrame,
    accounts: pd.DataFrame,
    config: BusinessConfig,
    *,
    base: StoredPlan | None,
) -> PlannedTerritories:
    """Plan at `refresh_id`, starting from `base` (the plan in force) where there is one. Raises NoPlanExists.

    `accounts`: unit_id, accounts (distinct sites with opportunity). Frames otherwise as in docs/architecture.md.
    """
    travel = travel_from_settings(config)
    totals = unit_totals(units, potential, accounts=accounts, level_shift=level_shift)
    problem = problem_from_frames(
        units,
        adjacency,
        totals.frame,
        rules=[BalanceRule(config.text("balance_measure"), config.number("balance_tolerance_share"))],
        seats=int(config.number("territory_count")),
        travel=travel,
        small_component_share=OWN_SEAT_SHARE,
        travel_price=config.number("travel_weight"),
        active=_in_force(base, set(units["unit_id"]), config) if base else None,
    )
    plan = solve(problem, seed=int(config.number("solver_seed")))
    if isinstance(plan, NoPlan):
        raise NoPlanExists(plan)
    before = _names_of(base) if base else None
    names = territory_names(
        plan.assignment, _labels(units, totals.frame, config.text("balance_measure")), before
    )
    tables = plan_tables(
        problem, plan, refresh_id=refresh_id, totals=totals.frame, names=names, minutes=travel.minutes
    )
    return PlannedTerritories(problem, plan, tables, totals)


def _in_force(base: StoredPlan, units: set[str], config: BusinessConfig) -> ActivePlan:
    assignment = base.frame("unit_assignment")
    assignment = assignment[assignment["unit_id"].isin(units)]
    territory = base.frame("territory")
    facts: dict[str, Any] = read_json(base.folder / PLAN_FILE)
    return ActivePlan(
        assignment=dict(zip(assignment["unit_id"], assignment["territory_id"], strict=True)),
        seats=dict(zip(territory["territory_id"], territory["seat_unit_id"], strict=True)),
        promised_excess=facts.get("promised_excess", {}),
        disruption_price_miles=config.number("disruption_price"),
        areas=facts.get("areas", ()),
        links=facts.get("links", ()),
    )


def _names_of(base: StoredPlan) -> dict[str, str]:
    territory = base.frame("territory")
    return dict(zip(territory["territory_id"], territory["territory_name"], strict=True))


def _labels(units: pd.DataFrame, totals: pd.DataFrame, measure: str) -> pd.DataFrame:
    """What a territory can be called after: the metropolitan areas of its units, by their weight."""
    names = cbsa_names()
    weight = totals.set_index("unit_id")[measure]
    return pd.DataFrame(
        {
            "unit_id": units["unit_id"],
            "cbsa_name": units["cbsa_code"].map(names),
            "state": units["state"],
            "weight": units["unit_id"].map(weight).fillna(0.0),
        }
    )
