"""Hours a year that a territory asks for, by Talley's workload build-up, and the workload index.

Talley (1961), "How to design sales territories", Journal of Marketing 25: accounts of each class × calls a
year × length of a call, plus travel (`field_travel`), against the hours of one rep.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.field_plan.field_travel import going_out_minutes, hop_minutes, mean_hop_miles
from pipelines.field_plan.tiers import WorkloadRule, account_tiers
from pipelines.geography.travel import TravelModel


def territory_workload(
    accounts: pd.DataFrame,
    assignment: pd.DataFrame,
    units: pd.DataFrame,
    territories: pd.DataFrame,
    rule: WorkloadRule,
    travel: TravelModel,
) -> pd.DataFrame:
    """`field_plan/territory_workload`: one row for each of `territories`, sorted.

    `accounts`: account_id, unit_id, addressable_usd, for the whole nation (it sets the tiers). `assignment`:
    unit_id, territory_id, drive_minutes from the seat (missing: by the travel model). `units`: unit_id,
    latitude, longitude, land_area_sq_miles. `territories`: territory_id, seat_latitude, seat_longitude.

    The column `accounts` counts what is called on: accounts with addressable opportunity. Index 100 is the
    mean of all territories; null where no territory has any work. Accounts at a unit without a territory are
    nobody's work: `accounts_without_territory` lists them. ValueError for an assigned unit that `units` or
    `territories` do not hold.
    """
    work = _unit_work(account_tiers(accounts, rule))
    placed = _placed_units(assignment, units, territories).merge(work, on="unit_id", how="inner")
    placed = placed.sort_values(["territory_id", "unit_id"], kind="stable")
    latitude, longitude = placed["latitude"].to_numpy(float), placed["longitude"].to_numpy(float)
    visits, sweeps = placed["visits"].to_numpy(float), placed["sweeps"].to_numpy(float)
    hop = mean_hop_miles(placed["land_area_sq_miles"].to_numpy(float), visits, sweeps)
    between = visits * hop_minutes(hop, latitude, longitude, travel)
    seat_drive = travel.minutes(
        placed["seat_latitude"].to_numpy(float), placed["seat_longitude"].to_numpy(float), latitude, longitude
    )
    drive = np.where(placed["drive_minutes"].isna(), seat_drive, placed["drive_minutes"].to_numpy(float))
    calls = placed["visit_minutes"].to_numpy(float)
    going_out = going_out_minutes(calls + between, drive, rule.day_minutes)
    by_unit = placed[["territory_id", "accounts"]].assign(
        visit_hours=calls / 60, travel_hours=(between + going_out) / 60
    )
    ids = pd.Index(sorted(territories["territory_id"]), name="territory_id")
    result = by_unit.groupby("territory_id").sum().reindex(ids, fill_value=0).reset_index()
    result["accounts"] = result["accounts"].astype("int64")
    result["total_hours"] = result["visit_hours"] + result["travel_hours"]
    result["capacity_hours"] = float(rule.selling_hours_per_year)
    mean = result["total_hours"].mean()
    result["workload_index"] = result["total_hours"] / mean * 100 if mean > 0 else np.nan
    return result


def accounts_without_territory(accounts: pd.DataFrame, assignment: pd.DataFrame) -> pd.DataFrame:
    """The rows of `accounts` whose unit belongs to no territory (unlocated, or out of scope), sorted."""
    left_out = accounts[~accounts["unit_id"].isin(assignment["unit_id"])]
    return left_out.sort_values("account_id", kind="stable", ignore_index=True)


def _unit_work(tiers: pd.DataFrame) -> pd.DataFrame:
    """Per unit: accounts called on, visits and visit minutes a year, and sweeps (the most visits of one)."""
    called = tiers[tiers["visits_per_year"] > 0]
    called = called.assign(total_minutes=called["visits_per_year"] * called["visit_minutes"])
    return called.groupby("unit_id", as_index=False).agg(
        accounts=("account_id", "size"),
        visits=("visits_per_year", "sum"),
        sweeps=("visits_per_year", "max"),
        visit_minutes=("total_minutes", "sum"),
    )


def _placed_units(assignment: pd.DataFrame, units: pd.DataFrame, territories: pd.DataFrame) -> pd.DataFrame:
    for name, known in (("unit_id", units), ("territory_id", territories)):
        unknown = sorted(set(assignment[name]) - set(known[name]))
        if unknown:
            raise ValueError(f"assignment names {name} {unknown[0]!r}, of which nothing is known")
    placed = assignment[["unit_id", "territory_id", "drive_minutes"]].merge(
        units[["unit_id", "latitude", "longitude", "land_area_sq_miles"]], on="unit_id", validate="one_to_one"
    )
    seats = territories[["territory_id", "seat_latitude", "seat_longitude"]]
    return placed.merge(seats, on="territory_id", validate="many_to_one")
