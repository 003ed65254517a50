"""Organisations (type 2 NPIs): practice groups, suppliers, and sites of care with their health systems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from pipelines.market_simulator.catalog import SUPPLIERS
from pipelines.market_simulator.geography import Places
from pipelines.market_simulator.names import organisation_names, system_names
from pipelines.market_simulator.random_streams import Stream, evenly, generator, pick
from pipelines.market_simulator.size import MarketSize

FACILITY_MIX = {"hospital": 0.56, "ambulatory_surgery_center": 0.30, "clinic": 0.14}
FACILITY_KINDS = tuple(FACILITY_MIX)
SIZE_SPREAD = 0.8  # sigma of the log-normal facility size
INDEPENDENT_SHARE = 0.22  # facilities of no health system
HUBS_CONSIDERED = 3


@dataclass(frozen=True)
class Organisations:
    """All arrays have one entry per organisation. `system` is a position in `system_id`, or -1; `size` is
    how much volume a site draws, relative to others; `place` is a position in Places."""

    npi: np.ndarray
    kind: np.ndarray
    name: np.ndarray
    place: np.ndarray
    size: np.ndarray
    system: np.ndarray
    system_id: np.ndarray
    system_name: np.ndarray

    def of_kind(self, *kinds: str) -> np.ndarray:
        """Positions of the organisations of these kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


def supplier_counts(people: int) -> dict[str, int]:
    return {kind: max(3, round(people * per_person)) for kind, (_, _, per_person) in SUPPLIERS.items()}


def facility_counts(facilities: int) -> dict[str, int]:
    counts = {kind: round(facilities * share) for kind, share in FACILITY_MIX.items()}
    return counts | {"hospital": counts["hospital"] + facilities - sum(counts.values())}


def organisation_count(size: MarketSize) -> int:
    return size.groups + size.facilities + sum(supplier_counts(size.people).values())


def make_organisations(seed: int, places: Places, size: MarketSize, npis: np.ndarray) -> Organisations:
    """Place groups, suppliers and sites by demand; let facilities join a nearby health system.

    `npis` are as many as `organisation_count(size)`.
    """
    rng = generator(seed, Stream.ORGANISATIONS)
    counts = {"group": size.groups, **facility_counts(size.facilities), **supplier_counts(size.people)}
    kind = np.repeat(np.array(list(counts)), list(counts.values()))
    hosts = np.flatnonzero(places.can_host)
    # places lie in ZIP order, so even draws by weight cover the country; each kind on its own
    share = np.cumsum(places.weight[hosts])
    place = hosts[np.concatenate([pick(share, evenly(count, rng)) for count in counts.values()])]
    volume = np.exp(rng.normal(0, SIZE_SPREAD, len(kind)))
    system, hub_place = _join_systems(
        places, kind, place, volume=volume, systems=size.health_systems, rng=rng
    )
    return Organisations(
        npi=npis,
        kind=kind,
        name=organisation_names(kind, places.city[place], rng),
        place=place,
        size=volume,
        system=system,
        system_id=np.array([f"HS{number:04d}" for number in range(1, len(hub_place) + 1)]),
        system_name=system_names(places.city[hub_place]),
    )


def _join_systems(
    places: Places,
    kind: np.ndarray,
    place: np.ndarray,
    *,
    volume: np.ndarray,
    systems: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Hubs are large hospitals; a facility joins one of the nearest hubs, the more attractive the
    likelier.
    """
    facilities = np.flatnonzero(np.isin(kind, FACILITY_KINDS))
    hospitals = np.flatnonzero(kind == "hospital")
    systems = min(systems, len(hospitals))
    key = np.log(volume[hospitals]) + rng.gumbel(size=len(hospitals))
    hubs = np.sort(hospitals[np.argsort(-key, kind="stable")[:systems]])
    attraction = rng.normal(0, 0.8, systems)
    nearest = min(HUBS_CONSIDERED, systems)
    tree = cKDTree(places.xyz[place[hubs]])
    chord, at = tree.query(places.xyz[place[facilities]], k=nearest)
    chord, at = chord.reshape(-1, nearest), at.reshape(-1, nearest)
    score = attraction[at] - chord / (chord.mean() + 1e-9) + rng.gumbel(size=at.shape)
    chosen = at[np.arange(len(at)), score.argmax(axis=1)]
    system = np.full(len(kind), -1)
    system[facilities] = np.where(rng.random(len(facilities)) < INDEPENDENT_SHARE, -1, chosen)
    system[hubs] = np.arange(systems)
    return system, place[hubs]
