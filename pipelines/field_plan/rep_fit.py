"""How well each rep suits each territory: base distance, experience against complexity, specialties.

Every part lies in 0–1 and is rounded to four decimals before anything is compared, so the numbers that are
published are the numbers that decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.geography.travel import TravelModel

SKILL = {"new": 0.0, "experienced": 0.5, "senior": 1.0}
DECIMALS = 4

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class MatchRule:
    """What counts in a match. The weights add up to 1.

    `half_fit_miles`: a base this far from the seat has half of the full base fit. `stay_gain`: fit points
    that a change must gain for each rep who would move. `vacancy_price`: fit points that an average territory
    without a rep costs. A territory is complex from `complex_from` on and simple below `simple_below` (shares
    of opportunity in big accounts; the national mean is near `tier_a_share`). An opportunity or workload
    index below `thin_index` is thin for a senior, a workload index above `heavy_index` heavy for a new rep.
    """

    base_weight: float = 0.5
    experience_weight: float = 0.3
    specialty_weight: float = 0.2
    half_fit_miles: float = 100.0
    stay_gain: float = 0.05
    vacancy_price: float = 1.0
    complex_from: float = 2 / 3
    simple_below: float = 1 / 3
    thin_index: float = 75.0
    heavy_index: float = 125.0

    def __post_init__(self) -> None:
        weights = (self.base_weight, self.experience_weight, self.specialty_weight)
        if min(weights) < 0 or abs(sum(weights) - 1) > 1e-9:
            raise ValueError("the weights of a match must not be below 0 and must add up to 1")
        if not self.half_fit_miles > 0:
            raise ValueError("half_fit_miles must be above 0")


@dataclass(frozen=True)
class TeamFit:
    """Territories (rows) against reps (columns), both sorted by id; matrices have the shape (T, R).

    `territories`: territory_id, addressable_usd, opportunity_index, workload_index, complexity,
    complexity_class. `roster` as in `config/roster`. `base_miles` is NaN where a base has no location.
    """

    territories: pd.DataFrame
    roster: pd.DataFrame
    base_miles: Floats
    experience: Floats
    specialty: Floats
    score: Floats
    rule: MatchRule

    @property
    def is_overreach(self) -> NDArray[np.bool_]:
        """(T, R): a new rep in a complex territory."""
        is_complex = (self.territories["complexity_class"] == "complex").to_numpy(bool)
        is_new = (self.roster["experience_level"] == "new").to_numpy(bool)
        return is_complex[:, None] & is_new


def team_fit(
    territories: pd.DataFrame,
    workload: pd.DataFrame,
    complexity: pd.DataFrame,
    territory_products: pd.DataFrame,
    roster: pd.DataFrame,
    *,
    zip_points: pd.DataFrame,
    travel: TravelModel,
    rule: MatchRule,
) -> TeamFit:
    """Judge every rep for every territory.

    `territories`: territory_id, seat_latitude, seat_longitude, addressable_usd. `workload`:
    `field_plan/territory_workload`. `complexity`: as `complexity.territory_complexity` gives it.
    `territory_products`: territory_id, product_id, addressable_usd. `roster`: `config/roster`. `zip_points`:
    zip, latitude, longitude (`geography/zip_crosswalk`). ValueError for ids used twice or unknown levels.
    """
    for name, frame in (("territory_id", territories), ("rep_id", roster)):
        if frame[name].duplicated().any():
            raise ValueError(f"{name} {frame[name][frame[name].duplicated()].min()!r} is used twice")
    unknown = sorted(set(roster["experience_level"]) - set(SKILL))
    if unknown:
        raise ValueError(f"experience_level {unknown[0]!r} is not one of {', '.join(SKILL)}")
    facts = _territory_facts(territories, workload, complexity, rule)
    reps = roster.sort_values("rep_id", kind="stable", ignore_index=True)
    miles = _base_miles(facts, reps, zip_points, travel)
    base = np.nan_to_num(rule.half_fit_miles / (rule.half_fit_miles + miles)).round(DECIMALS)
    skill = reps["experience_level"].map(SKILL).to_numpy(float)
    experience = (1 - np.abs(skill - facts["complexity"].to_numpy(float)[:, None])).round(DECIMALS)
    specialty = _specialty_fit(facts["territory_id"], territory_products, reps["specialties"]).round(DECIMALS)
    score = rule.base_weight * base + rule.experience_weight * experience + rule.specialty_weight * specialty
    return TeamFit(facts, reps, miles, experience, specialty, score.round(DECIMALS), rule)


def _territory_facts(
    territories: pd.DataFrame, workload: pd.DataFrame, complexity: pd.DataFrame, rule: MatchRule
) -> pd.DataFrame:
    facts = territories[["territory_id", "seat_latitude", "seat_longitude", "addressable_usd"]]
    facts = facts.merge(workload[["territory_id", "workload_index"]], on="territory_id", how="left")
    facts = facts.merge(complexity[["territory_id", "complexity"]], on="territory_id", how="left")
    facts = facts.sort_values("territory_id", kind="stable", ignore_index=True)
    facts["complexity"] = facts["complexity"].fillna(0.0)
    mean = facts["addressable_usd"].mean()
    facts["opportunity_index"] = facts["addressable_usd"] / mean * 100 if mean > 0 else np.nan
    kinds = [facts["complexity"] >= rule.complex_from, facts["complexity"] < rule.simple_below]
    facts["complexity_class"] = np.select(kinds, ["complex", "simple"], "mixed")
    return facts


def _base_miles(
    facts: pd.DataFrame, reps: pd.DataFrame, zip_points: pd.DataFrame, travel: TravelModel
) -> Floats:
    points = zip_points.drop_duplicates("zip").set_index("zip")[["latitude", "longitude"]]
    base = points.reindex(reps["base_zip"])
    seats = facts[["seat_latitude", "seat_longitude"]].to_numpy(float)
    miles = travel.miles(
        seats[:, :1], seats[:, 1:], base["latitude"].to_numpy(float), base["longitude"].to_numpy(float)
    )
    return np.asarray(miles, float)


def _specialty_fit(
    territory_ids: pd.Series, products: pd.DataFrame, specialties: Sequence[Sequence[str]] | pd.Series
) -> Floats:
    """(T, R): share of a territory's opportunity in the products a rep knows; 0 where there is none."""
    ordered = products.sort_values(["territory_id", "product_id", "addressable_usd"], kind="stable")
    wide = ordered.pivot_table(
        index="territory_id", columns="product_id", values="addressable_usd", aggfunc="sum", fill_value=0.0
    ).reindex(territory_ids, fill_value=0.0)
    usd = wide.to_numpy(float)
    knows = np.array([[name in set(known) for known in specialties] for name in wide.columns], float)
    knows = knows.reshape(len(wide.columns), len(specialties))
    total = usd.sum(axis=1, keepdims=True)
    return np.divide(usd @ knows, total, out=np.zeros((len(usd), len(specialties))), where=total > 0)
