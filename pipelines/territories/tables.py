"""From a plan to the four tables of the contract, and the facts that go into `plan.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.territories.changes import plan_changes
from pipelines.territories.plan import Plan, Territory
from pipelines.territories.problem import FloatArray, Problem

_S, _I, _F, _B = pa.string(), pa.int64(), pa.float64(), pa.bool_()

TERRITORY = pa.schema(
    [
        ("territory_id", _S),
        ("territory_name", _S),
        ("plan_id", _S),
        ("seat_unit_id", _S),
        ("seat_latitude", _F),
        ("seat_longitude", _F),
        ("units", _I),
        ("addressable_usd", _F),
        ("procedures", _F),
        ("patients", _I),
        ("accounts", _I),
        ("balance_index", _F),
        ("mean_drive_miles", _F),
        ("max_drive_miles", _F),
        ("compactness", _F),
        ("components", _I),
        ("is_contiguous", _B),
    ]
)
UNIT_ASSIGNMENT = pa.schema(
    [
        ("unit_id", _S),
        ("territory_id", _S),
        ("plan_id", _S),
        ("addressable_usd", _F),
        ("drive_miles", _F),
        ("drive_minutes", _F),
        ("is_bridge", _B),
    ]
)
PLAN = pa.schema(
    [
        ("plan_id", _S),
        ("built_for_refresh", _S),
        ("plan_hash", _S),
        ("measure", _S),
        ("objective", _F),
        ("bound", _F),
        ("gap_share", _F),
        ("max_deviation_share", _F),
        ("moved_opportunity_share", _F),
        ("moved_units", _I),
        ("what_binds", _S),
    ]
)
PLAN_CHANGE = pa.schema(
    [
        ("unit_id", _S),
        ("from_territory_id", _S),
        ("to_territory_id", _S),
        ("addressable_usd", _F),
        ("reason", _S),
    ]
)
Minutes = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class PlanTables:
    """The tables of a plan and the facts of its `plan.json`."""

    territory: pa.Table
    unit_assignment: pa.Table
    plan: pa.Table
    plan_change: pa.Table
    facts: Mapping[str, Any]

    def by_name(self) -> dict[str, pa.Table]:
        return {
            "territory": self.territory,
            "unit_assignment": self.unit_assignment,
            "plan": self.plan,
            "plan_change": self.plan_change,
        }


def plan_id_of(refresh_id: str, plan: Plan) -> str:
    """The refresh a plan was built for, and enough of its hash to tell it from any other."""
    return f"{refresh_id}.{plan.plan_hash[:12]}"


def plan_tables(
    problem: Problem,
    plan: Plan,
    *,
    refresh_id: str,
    totals: pd.DataFrame,
    names: Mapping[str, str],
    minutes: Minutes | None = None,
) -> PlanTables:
    """The tables of `plan`. `totals` has `unit_id, addressable_usd, procedures, patients, accounts` for each
    unit; `names` a name per territory; `minutes` measures drives like `TravelModel.miles` (None: null).
    """
    plan_id = plan_id_of(refresh_id, plan)
    by_unit = totals.set_index("unit_id").reindex(problem.unit_ids)
    owners = pd.Series(plan.assignment).reindex(problem.unit_ids)
    sums = by_unit[["addressable_usd", "procedures", "patients", "accounts"]].groupby(owners.to_numpy()).sum()
    territory = [
        {
            "territory_id": t.territory_id,
            "territory_name": names[t.territory_id],
            "plan_id": plan_id,
            "seat_unit_id": t.seat_unit_id,
            "seat_latitude": t.seat_latitude,
            "seat_longitude": t.seat_longitude,
            "units": t.units,
            "addressable_usd": float(sums.at[t.territory_id, "addressable_usd"]),
            "procedures": float(sums.at[t.territory_id, "procedures"]),
            "patients": round(float(sums.at[t.territory_id, "patients"])),
            "accounts": round(float(sums.at[t.territory_id, "accounts"])),
            "balance_index": t.balance_index,
            "mean_drive_miles": t.mean_drive_miles,
            "max_drive_miles": t.max_drive_miles,
            "compactness": t.compactness,
            "components": t.components,
            "is_contiguous": t.is_contiguous,
        }
        for t in plan.territories
    ]
    usd = by_unit["addressable_usd"].to_numpy(float)
    unit_assignment = {
        "unit_id": list(problem.unit_ids),
        "territory_id": owners.tolist(),
        "plan_id": [plan_id] * len(owners),
        "addressable_usd": usd,
        "drive_miles": plan.drive_miles,
        "drive_minutes": _drive_minutes(problem, plan, minutes),
        "is_bridge": [unit in plan.bridge_units for unit in problem.unit_ids],
    }
    before = problem.active.assignment if problem.active is not None else {}
    changes = plan_changes(before, plan.assignment, dict(zip(problem.unit_ids, usd.tolist(), strict=True)))
    plan_row = {
        "plan_id": plan_id,
        "built_for_refresh": refresh_id,
        "plan_hash": plan.plan_hash,
        "measure": problem.primary,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap_share": plan.gap_share,
        "max_deviation_share": plan.max_deviation_share,
        "moved_opportunity_share": plan.moved_opportunity_share,
        "moved_units": plan.moved_units,
        "what_binds": "; ".join(plan.what_binds) or "nothing: every territory is within its band",
    }
    return PlanTables(
        territory=pa.Table.from_pylist(territory, schema=TERRITORY),
        unit_assignment=pa.Table.from_pydict(unit_assignment, schema=UNIT_ASSIGNMENT),
        plan=pa.Table.from_pylist([plan_row], schema=PLAN),
        plan_change=pa.Table.from_pandas(changes, schema=PLAN_CHANGE, preserve_index=False),
        facts=_facts(problem, plan, plan_id),
    )


def _drive_minutes(problem: Problem, plan: Plan, minutes: Minutes | None) -> list[float | None] | FloatArray:
    if minutes is None or problem.latitude is None or problem.longitude is None:
        return [None] * len(problem.unit_ids)
    seats: dict[str, Territory] = {t.territory_id: t for t in plan.territories}
    owners = [seats[plan.assignment[unit]] for unit in problem.unit_ids]
    seat_latitude = np.array([float(t.seat_latitude or 0.0) for t in owners])
    seat_longitude = np.array([float(t.seat_longitude or 0.0) for t in owners])
    return minutes(problem.latitude, problem.longitude, seat_latitude, seat_longitude)


def _facts(problem: Problem, plan: Plan, plan_id: str) -> dict[str, Any]:
    promised: dict[str, dict[str, float]] = {}
    for territory in plan.territories:
        for measure, share in territory.excess_shares.items():
            promised.setdefault(measure, {})[territory.territory_id] = share
    return {
        "plan_id": plan_id,
        "plan_hash": plan.plan_hash,
        "rules": [
            {"measure": r.measure, "tolerance_share": r.tolerance_share, "is_hard": r.is_hard}
            for r in problem.rules
        ],
        "seats": problem.seat_count,
        "units": len(problem.unit_ids),
        "bound_kind": plan.bound_kind,
        "promised_excess": promised,
        "areas": [list(territories) for territories in plan.areas],
        "links": [[a, b] for a, b in plan.links if not _is_locked_pair(problem, a, b)],
        "what_binds": list(plan.what_binds),
    }


def _is_locked_pair(problem: Problem, a: str, b: str) -> bool:
    return a in problem.locks and problem.locks[a] == problem.locks.get(b)
