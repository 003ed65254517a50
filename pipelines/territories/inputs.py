"""From the tables of the contract to a `Problem`: unit totals, the planned scope, and what cannot be
placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.territories.problem import ActivePlan, BalanceRule, FixedSeat, Problem, TravelModel

SUMMED = [
    "addressable_usd",
    "total_usd",
    "phantom_usd",
    "unknown_usd",
    "billed_usd",
    "procedures",
    "patients",
    "diagnosed_patients",
]


@dataclass(frozen=True)
class UnitTotals:
    """`frame`: one row per planned unit with every measure (0 where there is none). `unplaced`: opportunity
    at units that are not planned (`unlocated`, or out of scope): reported, never assigned.
    """

    frame: pd.DataFrame
    unplaced: pd.DataFrame

    @property
    def unplaced_usd(self) -> float:
        return float(self.unplaced["addressable_usd"].sum())


def unit_totals(
    units: pd.DataFrame,
    potential: pd.DataFrame,
    *,
    accounts: pd.DataFrame | None = None,
    level_shift: pd.DataFrame | None = None,
) -> UnitTotals:
    """Sum `opportunity/fct_unit_potential` over products, onto the units of `geography/unit`.

    Dollars and procedures add up over products; patients do so as product-patients. `accounts` (`unit_id,
    accounts`) counts distinct accounts; without it the largest count of any one product stands. `level_shift`
    (`monitoring/level_shift`) scales the measures of units whose level is known to have changed.
    """
    measured = potential.copy()
    for column in SUMMED:
        measured[column] = pd.to_numeric(measured[column], errors="coerce").fillna(0.0).astype(float)
    if level_shift is not None and len(level_shift):
        factor = measured["unit_id"].map(level_shift.set_index("unit_id")["level_factor"]).fillna(1.0)
        measured[SUMMED] = measured[SUMMED].mul(factor, axis=0)
    totals = measured.groupby("unit_id")[SUMMED].sum()
    if accounts is not None:
        totals["accounts"] = accounts.groupby("unit_id")["accounts"].sum()
    else:
        totals["accounts"] = measured.groupby("unit_id")["accounts"].max()
    frame = totals.reindex(sorted(units["unit_id"])).fillna(0.0)
    frame["accounts"] = frame["accounts"].astype("int64")
    outside = totals.loc[~totals.index.isin(frame.index)].fillna(0.0).sort_index()
    return UnitTotals(
        frame.rename_axis("unit_id").reset_index(), outside.rename_axis("unit_id").reset_index()
    )


def territory_products(
    potential: pd.DataFrame, assignment: pd.DataFrame, level_shift: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`territory_id, product_id, addressable_usd, procedures, patients`, sorted: what each territory holds.

    `level_shift` (`monitoring/product_level_shift`) lifts units whose level is known to have changed. What lies
    at a unit without a territory is nobody's and is left out; patients seen in two units count in both.
    """
    columns = ["addressable_usd", "procedures", "patients"]
    held = potential.merge(assignment[["unit_id", "territory_id"]], on="unit_id", validate="many_to_one")
    held[columns] = held[columns].astype(float)
    if level_shift is not None and len(level_shift):
        held = held.merge(level_shift, on=["unit_id", "product_id"], how="left", validate="many_to_one")
        held[columns] = held[columns].mul(held["level_factor"].fillna(1.0).astype(float), axis=0)
    # sorted before it is summed: the order of the rows must not show in the last digit
    held = held.sort_values(["territory_id", "product_id", "unit_id"], kind="stable")
    return held.groupby(["territory_id", "product_id"], as_index=False)[columns].sum()


def problem_from_frames(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    totals: pd.DataFrame,
    *,
    rules: Sequence[BalanceRule],
    seats: int | Sequence[FixedSeat],
    travel: TravelModel,
    small_component_share: float,
    travel_price: float = 1.0,
    active: ActivePlan | None = None,
    locks: Mapping[str, str] | None = None,
    forbidden: Iterable[tuple[str, str]] = (),
) -> Problem:
    """A problem over `geography/unit` and `geography/unit_adjacency`; `totals` is `UnitTotals.frame`.

    The measures of the rules come first from `totals`; all its numeric columns are carried along.
    """
    measures = totals.set_index("unit_id").reindex(units["unit_id"])
    missing = measures.index[measures.isna().any(axis=1)]
    if len(missing):
        raise ValueError(f"{len(missing)} units have no totals, e.g. {missing[0]}")
    return Problem.build(
        units["unit_id"].tolist(),
        {str(name): measures[name].to_numpy(float) for name in measures.columns},
        rules,
        seats,
        zip(adjacency["unit_a"], adjacency["unit_b"], adjacency["edge_kind"], strict=True),
        latitude=units["latitude"].to_numpy(float),
        longitude=units["longitude"].to_numpy(float),
        travel=travel,
        area_sq_miles=units["land_area_sq_miles"].to_numpy(float),
        is_island=units["is_island"].to_numpy(bool),
        locks=locks,
        forbidden=forbidden,
        active=active,
        small_component_share=small_component_share,
        travel_price=travel_price,
    )
