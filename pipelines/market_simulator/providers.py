"""Who performs visits: people with specialty, case mix, practice and affiliations, and suppliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from pipelines.market_simulator.catalog import PRODUCT_NAMES, SPECIALTIES, VISIT_TYPES
from pipelines.market_simulator.geography import Places, miles_from_chord
from pipelines.market_simulator.months import days_of
from pipelines.market_simulator.names import people_names
from pipelines.market_simulator.organisations import Organisations
from pipelines.market_simulator.random_streams import Stream, evenly, generator, interleaved, pick
from pipelines.market_simulator.size import MarketSize

VOLUME_SPREAD, CASE_MIX_SPREAD = 1.0, 0.5  # sigmas of log-normals; the product is heavy-tailed
LARGEST_VOLUME = 12.0  # times the median, so that no one person is a territory
SECOND_SITE_SHARE, SECOND_SITE_MILES = 0.12, 40.0
SECOND_SITE_VISITS = 0.3  # of the office visits of someone who has a second site
DEACTIVATED_SHARE = 0.004
SITES_CONSIDERED = 8
AFFILIATION_SHARES = (0.7, 0.2, 0.1)
AFFILIATION_MILES = 20.0  # a site's pull falls by e over this distance
NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Practice:
    """Where each provider works in some month: positions in Organisations (-1: none)."""

    group: np.ndarray
    second_site: np.ndarray
    surgery_sites: np.ndarray  # [provider, 3] by falling share
    hospital: np.ndarray


@dataclass(frozen=True)
class Providers:
    """One entry per performer: people first, then suppliers (`is_person` False, with their organisation's
    NPI).

    `visit_weight` is [visit type, provider]; each row sums to 1. `deactivated_day` is NEVER for nearly all.
    """

    npi: np.ndarray
    is_person: np.ndarray
    taxonomy: np.ndarray
    first_name: np.ndarray
    last_name: np.ndarray
    deactivated_day: np.ndarray
    visit_weight: np.ndarray
    home: Practice

    @property
    def people(self) -> int:
        return int(self.is_person.sum())


def make_providers(
    seed: int,
    places: Places,
    organisations: Organisations,
    *,
    size: MarketSize,
    npis: np.ndarray,
    history: tuple[int, int],
) -> Providers:
    """People join practice groups; suppliers follow. `history` = first and last month, for deactivations."""
    rng = generator(seed, Stream.PROVIDERS)
    shares = np.cumsum([share for _, share in SPECIALTIES.values()])
    # groups lie in ZIP order: people are dealt to them evenly, specialties evenly among neighbours
    groups, suppliers = organisations.of_kind("group"), organisations.of_kind("ambulance", "equipment")
    group = groups[pick(np.cumsum(organisations.size[groups]), evenly(size.people, rng))]
    taxonomy = np.array(list(SPECIALTIES))[pick(shares, interleaved(size.people, rng))]

    performer_kind = np.concatenate([taxonomy, organisations.kind[suppliers]])
    base = np.concatenate([group, suppliers])
    home = practice_at(places, organisations, base, rng)
    return Providers(
        npi=np.concatenate([npis, organisations.npi[suppliers]]),
        is_person=np.arange(len(base)) < size.people,
        taxonomy=performer_kind,
        first_name=(names := people_names(size.people, rng))[0],
        last_name=names[1],
        deactivated_day=_deactivations(performer_kind, size.people, history, rng),
        visit_weight=_case_mix(performer_kind, places.product_factor[organisations.place[base]], rng),
        home=home,
    )


def practice_at(
    places: Places, organisations: Organisations, group: np.ndarray, rng: np.random.Generator
) -> Practice:
    """Affiliations of providers whose practice is `group`: sites near it, large ones preferred."""
    at = places.xyz[organisations.place[group]]
    surgery = organisations.of_kind("hospital", "ambulatory_surgery_center")
    ranked = _attractive_sites(places, organisations, surgery, at, rng)
    wanted = len(AFFILIATION_SHARES)
    missing = np.repeat(ranked[:, :1], max(0, wanted - ranked.shape[1]), axis=1)
    clinics = organisations.of_kind("clinic")
    chord, nearest = cKDTree(places.xyz[organisations.place[clinics]]).query(at)
    has_second = (rng.random(len(group)) < SECOND_SITE_SHARE) & (miles_from_chord(chord) <= SECOND_SITE_MILES)
    return Practice(
        group=group,
        second_site=np.where(has_second, clinics[nearest], -1),
        surgery_sites=np.hstack([ranked[:, :wanted], missing]),
        hospital=_attractive_sites(places, organisations, organisations.of_kind("hospital"), at, rng)[:, 0],
    )


def _attractive_sites(
    places: Places, organisations: Organisations, sites: np.ndarray, at: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """[provider, up to 8] nearby sites by falling attraction: size × decay with distance × a personal
    taste.
    """
    considered = min(SITES_CONSIDERED, len(sites))
    chord, near = cKDTree(places.xyz[organisations.place[sites]]).query(at, k=considered)
    chord, near = chord.reshape(-1, considered), near.reshape(-1, considered)
    score = np.log(organisations.size[sites])[near] - miles_from_chord(chord) / AFFILIATION_MILES
    score += rng.gumbel(size=score.shape)
    return sites[np.take_along_axis(near, np.argsort(-score, axis=1, kind="stable"), axis=1)]


def _case_mix(kinds: np.ndarray, product_factor: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """[visit type, provider]: who does how much of what. Many never do what their specialty could."""
    count = len(kinds)
    volume = np.minimum(np.exp(rng.normal(0, VOLUME_SPREAD, count)), LARGEST_VOLUME)
    weights = np.zeros((len(VISIT_TYPES), count))
    for row, visit in enumerate(VISIT_TYPES):
        mix = np.exp(rng.normal(0, CASE_MIX_SPREAD, count))
        for kind, (propensity, share) in visit.performers.items():
            members = np.flatnonzero(kinds == kind)
            active = interleaved(len(members), rng) < share
            active[:1] = True  # in the smallest market too, somebody performs every visit type
            weights[row, members] = propensity * active * (volume * mix)[members]
        if visit.product_id:
            weights[row] *= product_factor[:, PRODUCT_NAMES.index(visit.product_id)]
    return weights / weights.sum(axis=1, keepdims=True)


def _deactivations(
    kinds: np.ndarray, people: int, history: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """A few generalists left: their NPI was deactivated within the history and they perform nothing after."""
    day = np.full(len(kinds), NEVER, dtype=np.int64)
    leaves = (rng.random(people) < DEACTIVATED_SHARE) & np.isin(kinds[:people], ("207Q00000X", "207R00000X"))
    when = rng.integers(days_of(history[0])[0], days_of(history[1])[-1] + 1, size=people)
    day[:people][leaves] = when[leaves]
    return day
