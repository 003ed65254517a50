"""What the engine answers: a `Plan` with its proof, or `NoPlan` with the reason in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.atomic_files import sha256_of_json
from pipelines.territories.problem import FloatArray


@dataclass(frozen=True)
class Territory:
    """One territory as planned.

    `measures` are sums over its units. In shares of the market, per measure of a rule: `targets`, `bands`
    (lowest, highest), and `excess_shares` (how far outside its band it lies; absent: within).
    `balance_index` is its primary load, 100 being the mean. `components` counts land pieces (bridges taken
    away), `is_contiguous` counts bridges in. `compactness`: see docs/methods/territories.md.
    """

    territory_id: str
    seat_unit_id: str
    seat_latitude: float | None
    seat_longitude: float | None
    units: int
    measures: Mapping[str, float]
    targets: Mapping[str, float]
    bands: Mapping[str, tuple[float, float]]
    excess_shares: Mapping[str, float]
    balance_index: float
    mean_drive_miles: float
    max_drive_miles: float
    compactness: float | None
    components: int
    is_contiguous: bool


@dataclass(frozen=True, eq=False)
class Plan:
    """A whole plan.

    `objective` = travel + price of what lies outside the balance bands + price of what moved, all in miles
    (mean miles per unit of the primary measure). `bound` is a proven lower bound of it: `bound_kind` is
    "exact" (over every plan, seats included) or "these seats" (over every plan with the seats of this one).
    `drive_miles` and `bridge_units` (units that hang on their territory by a bridge only) follow the order of
    `assignment`, which is that of the problem's units. `areas` lists the territories
    that shared seats (see `areas`). `links` are edges that were added because nothing
    joined a piece of land, or because locks outrank contiguity. `prices` are those of the rules, in miles per
    share of the market outside its band.
    """

    assignment: Mapping[str, str]
    territories: tuple[Territory, ...]
    drive_miles: FloatArray
    bridge_units: frozenset[str]
    objective: float
    travel_miles: float
    excess_share: float
    moved_opportunity_share: float
    moved_units: int
    bound: float | None
    bound_kind: str
    max_deviation_share: float
    what_binds: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    areas: tuple[tuple[str, ...], ...]
    prices: Mapping[str, float]
    disruption_price_miles: float

    @property
    def gap_share(self) -> float | None:
        """(objective - bound) / objective: how much better any plan with these seats could at most be."""
        if self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / self.objective if self.objective > 0 else 0.0

    @property
    def plan_hash(self) -> str:
        """Identity of the plan: who owns which unit, and where the seats are. No figures, so no rounding."""
        return sha256_of_json(
            {
                "assignment": sorted(self.assignment.items()),
                "seats": [(t.territory_id, t.seat_unit_id) for t in self.territories],
            }
        )

    def territory(self, territory_id: str) -> Territory:
        return next(t for t in self.territories if t.territory_id == territory_id)


@dataclass(frozen=True, eq=False)
class NoPlan:
    """No plan meets the problem. `is_proven`: none exists; otherwise none was found. `closest` breaks only
    what `reason` names, where such a plan could be made at all.
    """

    reason: str
    remedy: str
    is_proven: bool = True
    closest: Plan | None = None
