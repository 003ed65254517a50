"""Patients: where they live, who pays for them, and which of them live near a given site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from pipelines.market_simulator.geography import SENIOR_DEMAND, Places, miles_from_chord
from pipelines.market_simulator.payers import draw_payers
from pipelines.market_simulator.random_streams import Stream, evenly, generator, pick

CATCHMENT_PLACES = 16
CATCHMENT_MILES = 12.0  # the share of patients falls by e over this distance


@dataclass(frozen=True)
class Patients:
    """Sorted by place, seniors first within a place. `first`/`count` give each inhabited place's run.

    `catchment_place` and `catchment_share` are [place, 16]: the nearby places that patients of a site in
    `place` come from (positions in `inhabited`), and cumulative shares ending at 1.
    """

    payer: np.ndarray
    place: np.ndarray
    inhabited: np.ndarray
    first: np.ndarray
    count: np.ndarray
    catchment_place: np.ndarray
    catchment_share: np.ndarray

    def draw(self, site_place: np.ndarray, uniforms: np.ndarray, skew: np.ndarray) -> np.ndarray:
        """A patient near each site: `uniforms` is [2, n], `skew` above 1 prefers seniors."""
        column = (uniforms[0][:, None] >= self.catchment_share[site_place]).sum(axis=1)
        column = np.minimum(column, self.catchment_share.shape[1] - 1)
        run = self.catchment_place[site_place, column]
        within = (uniforms[1] ** skew * self.count[run]).astype(np.int64)
        return self.first[run] + np.minimum(within, self.count[run] - 1)


def make_patients(seed: int, places: Places, count: int) -> Patients:
    rng = generator(seed, Stream.PATIENTS)
    place = pick(np.cumsum(places.weight), evenly(count, rng))
    senior_share = places.senior_share[place]
    likely = SENIOR_DEMAND * senior_share / (1 + (SENIOR_DEMAND - 1) * senior_share)
    is_senior = rng.random(count) < likely
    is_senior = is_senior[np.lexsort((~is_senior, place))]
    inhabited, first, run = np.unique(place, return_index=True, return_counts=True)

    nearby = min(CATCHMENT_PLACES, len(inhabited))
    chord, at = cKDTree(places.xyz[inhabited]).query(places.xyz, k=nearby)
    chord, at = chord.reshape(-1, nearby), at.reshape(-1, nearby)
    beyond = miles_from_chord(chord)
    beyond -= beyond[:, :1]  # a remote site still has its nearest patients
    pull = run[at] * np.exp(-beyond / CATCHMENT_MILES)
    cumulative = np.cumsum(pull, axis=1)
    return Patients(
        payer=draw_payers(is_senior, places.poverty_share[place], rng),
        place=place,
        inhabited=inhabited,
        first=first,
        count=run,
        catchment_place=at,
        catchment_share=cumulative / cumulative[:, -1:],
    )
