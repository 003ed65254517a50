"""How a surgeon's sites change where the place does not: another health system, or another kind of site.

Belongs here: finding the sites. When it happens and to whom is in planting.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.market_simulator.geography import miles_from_chord
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.providers import Practice

NEAR_MILES = 12.0  # less than a move


@dataclass(frozen=True)
class Absence:
    """These providers perform nothing in the months from..to (inclusive)."""

    providers: np.ndarray
    from_month: int
    to_month: int


def new_practice(market: Market, kind: str, candidates: np.ndarray, most: int) -> tuple[np.ndarray, Practice]:
    """The first `most` candidates for whom there is such a site nearby, and their practice from then on.

    A `switched_system` operates at the nearest site of another system than those of all sites before; a `mix_changed`
    takes the work of the main hospital to the nearest surgery centre.
    """
    home, organisations = market.providers.home, market.organisations
    chosen, sites = [], []
    for person in candidates.tolist():
        before = home.surgery_sites[person]
        if kind == "mix_changed":
            fits = organisations.of_kind("ambulatory_surgery_center")
            wanted = organisations.kind[before[0]] == "hospital"
        else:
            fits = organisations.of_kind("hospital", "ambulatory_surgery_center")
            systems = organisations.system[fits]
            fits = fits[(systems >= 0) & ~np.isin(systems, organisations.system[before])]
            wanted = True
        site = _nearest(market, int(before[0]), fits) if wanted else -1
        if site >= 0:
            chosen.append(person)
            sites.append([site, *before[1:]] if kind == "mix_changed" else [site] * len(before))
        if len(chosen) == most:
            break
    people = np.array(chosen, dtype=np.int64)
    surgery = np.array(sites, dtype=np.int64).reshape(len(people), home.surgery_sites.shape[1])
    return people, Practice(home.group[people], home.second_site[people], surgery, home.hospital[people])


def _nearest(market: Market, site: int, others: np.ndarray) -> int:
    """The nearest of `others` to a site within NEAR_MILES, or -1."""
    if not len(others):
        return -1
    at = market.places.xyz[market.organisations.place]
    miles = miles_from_chord(np.linalg.norm(at[others] - at[site], axis=1))
    nearest = int(np.argmin(miles))
    return int(others[nearest]) if miles[nearest] <= NEAR_MILES else -1
