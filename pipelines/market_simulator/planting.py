"""Events made concrete in a market: which sites, which surgeons, which months, and how volume answers.

An event draws only from streams of its own, so a market with an event equals the one without wherever and
whenever the event does not reach.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from pipelines.market_simulator.career_changes import Absence, new_practice
from pipelines.market_simulator.catalog import AFFECTED_VISITS, SURGICAL, VISIT_TYPES
from pipelines.market_simulator.events import (
    CareerChanges,
    PayerOutage,
    PracticeMoves,
    ProcedureShift,
    SystemLockIn,
)
from pipelines.market_simulator.geography import miles_from_chord
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import month_number
from pipelines.market_simulator.payers import CHANNELS
from pipelines.market_simulator.providers import AFFILIATION_SHARES, SECOND_SITE_VISITS, Practice, practice_at
from pipelines.market_simulator.random_streams import Stream, generator

LATEST_MONTH = "9999-12"


@dataclass(frozen=True)
class SiteFactor:
    """Visits of `visit_type` at the marked organisations multiply by `factor` in months from..to."""

    event: int
    visit_type: int
    at_site: np.ndarray
    factor: float
    from_month: int
    to_month: int

    def holds(self, month: int) -> bool:
        return self.from_month <= month <= self.to_month


@dataclass(frozen=True)
class Relocation:
    """From `from_month` on these providers practise as `practice` says (one entry per provider moved)."""

    from_month: int
    providers: np.ndarray
    practice: Practice


@dataclass(frozen=True)
class Outage:
    event: int
    channel: int
    from_month: int
    to_month: int
    held_share: float


@dataclass(frozen=True)
class Plan:
    """All events of a spec, resolved. `told` is what the truth file says of them."""

    site_factors: list[SiteFactor] = field(default_factory=list)
    relocations: list[Relocation] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    def practice(self, market: Market, month: int) -> Practice:
        """Where providers practise in a month."""
        practice = market.providers.home
        for move in self.relocations:
            if move.from_month <= month:
                practice = _moved(practice, move)
        return practice

    def absent(self, market: Market, month: int) -> np.ndarray:
        """Mask of the providers who do not work in a month."""
        away = np.zeros(len(market.providers.npi), dtype=bool)
        for absence in self.absences:
            if absence.from_month <= month <= absence.to_month:
                away[absence.providers] = True
        return away

    def directory_changes(self, month: int) -> bool:
        """Whether the provider directory of this month differs from the month before."""
        return any(move.from_month == month for move in self.relocations)


def plan_events(market: Market) -> Plan:
    """Resolve the spec's events. One that finds nothing to act on is told with `is_applied` false."""
    plan = Plan()
    for number, event in enumerate(market.spec.events):
        rng = generator(market.spec.seed, Stream.EVENT_PLANS, number)
        match event:
            case ProcedureShift():
                told = _plan_shift(plan, market, number, event)
            case SystemLockIn():
                told = _plan_lock_in(plan, market, number, event)
            case PracticeMoves():
                told = _plan_moves(plan, market, event, rng)
            case CareerChanges():
                told = _plan_careers(plan, market, event, rng)
            case PayerOutage():
                plan.outages.append(
                    Outage(
                        number,
                        CHANNELS.index(event.payer_channel),
                        month_number(event.from_month),
                        month_number(event.to_month),
                        event.held_share,
                    )
                )
                told = {"is_applied": True}
        plan.told.append({"kind": type(event).__name__, **asdict(event), **told})
    return plan


def _plan_shift(plan: Plan, market: Market, number: int, event: ProcedureShift) -> dict[str, Any]:
    in_region = np.isin(market.places.state, event.states)
    in_region |= np.isin(market.places.county_fips, event.county_fips)
    at_site = in_region[market.organisations.place]
    volume = expected_site_shares(market, event.product_id)
    told = _add_factors(plan, number, event, at_site)
    return told | {"expected_volume_share": round(float(volume[at_site].sum()), 5)}


def _plan_lock_in(plan: Plan, market: Market, number: int, event: SystemLockIn) -> dict[str, Any]:
    organisations = market.organisations
    volume, in_system = expected_site_shares(market, event.product_id), organisations.system >= 0
    systems = len(organisations.system_id)
    shares = np.bincount(organisations.system[in_system], volume[in_system], minlength=systems)
    if event.health_system_id is None:
        chosen = int(np.argmin(np.abs(shares - event.volume_share)))
    else:
        found = np.flatnonzero(organisations.system_id == event.health_system_id)
        chosen = int(found[0]) if len(found) else -1
    at_site = (organisations.system == chosen) & (chosen >= 0)
    told = _add_factors(plan, number, event, at_site)
    if chosen >= 0:
        told |= {
            "health_system_id": str(organisations.system_id[chosen]),
            "health_system_name": str(organisations.system_name[chosen]),
            "expected_volume_share": round(float(shares[chosen]), 5),
            "facility_npis": sorted(str(npi) for npi in organisations.npi[at_site]),
        }
    return told


def _add_factors(
    plan: Plan, number: int, event: ProcedureShift | SystemLockIn, at_site: np.ndarray
) -> dict[str, Any]:
    from_month, to_month = month_number(event.from_month), month_number(event.to_month or LATEST_MONTH)
    applied = bool(at_site.any())
    for visit_type in AFFECTED_VISITS[event.product_id] if applied else ():
        plan.site_factors.append(SiteFactor(number, visit_type, at_site, event.factor, from_month, to_month))
    return {"is_applied": applied}


def expected_site_shares(market: Market, product_id: str) -> np.ndarray:
    """Share of a product's volume that each organisation expects, before any event."""
    home, volume = market.providers.home, np.zeros(len(market.organisations.npi))
    for visit_type in AFFECTED_VISITS[product_id]:
        weight = market.providers.visit_weight[visit_type] * VISIT_TYPES[visit_type].visit_share
        if VISIT_TYPES[visit_type].setting == "facility":
            for column, share in enumerate(AFFILIATION_SHARES):
                np.add.at(volume, home.surgery_sites[:, column], share * weight)
        else:
            away = np.where(home.second_site >= 0, SECOND_SITE_VISITS, 0.0) * weight
            np.add.at(volume, home.group, weight - away)
            np.add.at(volume, home.second_site, away)  # no second site: nothing is added to the last one
    return volume / volume.sum()


def _plan_moves(plan: Plan, market: Market, event: PracticeMoves, rng: np.random.Generator) -> dict[str, Any]:
    """Surgeons of the upper middle by volume, each to a group in another county within the miles given."""
    providers, organisations, places = market.providers, market.organisations, market.places
    candidates = _surgeons_of_good_volume(plan, market)
    groups = organisations.of_kind("group")
    county = places.county_fips[organisations.place]
    movers, targets = [], []
    for candidate in rng.permutation(candidates).tolist():
        old = providers.home.group[candidate]
        miles = miles_from_chord(
            np.linalg.norm(
                places.xyz[organisations.place[groups]] - places.xyz[organisations.place[old]], axis=1
            )
        )
        fits = (miles >= event.miles[0]) & (miles <= event.miles[1]) & (county[groups] != county[old])
        if fits.any():
            movers.append(candidate)
            targets.append(int(rng.choice(groups[fits])))
        if len(movers) == event.surgeons:
            break
    moved, target = np.array(movers, dtype=np.int64), np.array(targets, dtype=np.int64)
    if len(moved):
        practice = practice_at(places, organisations, target, rng)
        plan.relocations.append(Relocation(month_number(event.from_month), moved, practice))
    told = []
    for provider, new in zip(movers, targets, strict=True):
        old_place, new_place = organisations.place[providers.home.group[provider]], organisations.place[new]
        told.append(
            {
                "npi": str(providers.npi[provider]),
                "from_zip": str(places.zip[old_place]),
                "from_state": str(places.state[old_place]),
                "to_zip": str(places.zip[new_place]),
                "to_state": str(places.state[new_place]),
            }
        )
    return {"is_applied": bool(movers), "moved": sorted(told, key=lambda row: row["npi"])}


def _surgeons_of_good_volume(plan: Plan, market: Market) -> np.ndarray:
    """Surgeons of the upper middle by volume to whom nothing else happens."""
    providers = market.providers
    products = [number for number, visit in enumerate(VISIT_TYPES) if visit.product_id]
    volume = providers.visit_weight[products].sum(axis=0)
    moved = [move.providers for move in plan.relocations]
    away = [absence.providers for absence in plan.absences]
    surgeons = np.flatnonzero(np.isin(providers.taxonomy, SURGICAL) & (volume > 0))
    surgeons = np.setdiff1d(surgeons, np.concatenate([[-1], *moved, *away]))
    ranked = surgeons[np.argsort(volume[surgeons], kind="stable")]
    return ranked[int(len(ranked) * 0.6) : max(int(len(ranked) * 0.95), 1)]


def _plan_careers(
    plan: Plan, market: Market, event: CareerChanges, rng: np.random.Generator
) -> dict[str, Any]:
    """Ends and beginnings are absences; switches of system or kind of site are relocations without a move."""
    month = month_number(event.from_month)
    candidates = rng.permutation(_surgeons_of_good_volume(plan, market))
    if event.change in ("retired", "new"):
        chosen = candidates[: event.surgeons]
        span = (month, month_number(LATEST_MONTH)) if event.change == "retired" else (0, month - 1)
        plan.absences.append(Absence(chosen, *span))
    else:
        chosen, practice = new_practice(market, event.change, candidates, event.surgeons)
        if len(chosen):
            plan.relocations.append(Relocation(month, chosen, practice))
    return {"is_applied": bool(len(chosen)), "npis": sorted(str(npi) for npi in market.providers.npi[chosen])}


def _moved(practice: Practice, move: Relocation) -> Practice:
    def put(values: np.ndarray, new: np.ndarray) -> np.ndarray:
        changed = values.copy()
        changed[move.providers] = new
        return changed

    return replace(
        practice,
        group=put(practice.group, move.practice.group),
        second_site=put(practice.second_site, move.practice.second_site),
        surgery_sites=put(practice.surgery_sites, move.practice.surgery_sites),
        hospital=put(practice.hospital, move.practice.hospital),
    )
