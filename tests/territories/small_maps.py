"""Small markets to plan on: grids, random maps, and a straight-line travel model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.territories.problem import BalanceRule, Problem

Edge = tuple[str, str, str]


class StraightLine:
    """Great-circle miles."""

    def miles(self, lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> np.ndarray:
        lat1, lon1, lat2, lon2 = (np.radians(np.asarray(v, float)) for v in (lat1, lon1, lat2, lon2))
        half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
        return 2 * 3958.8 * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


@dataclass(frozen=True)
class Market:
    """Units with a load, places and borders, before anything is asked of them."""

    ids: tuple[str, ...]
    load: tuple[float, ...]
    latitude: tuple[float, ...]
    longitude: tuple[float, ...]
    edges: tuple[Edge, ...]

    def problem(
        self,
        seats: Any,
        tolerance: float = 0.05,
        *,
        measures: Mapping[str, Sequence[float]] | None = None,
        **given: Any,
    ) -> Problem:
        return Problem.build(
            list(self.ids),
            measures or {"usd": list(self.load)},
            given.pop("rules", [BalanceRule("usd", tolerance)]),
            seats,
            list(self.edges),
            latitude=list(self.latitude),
            longitude=list(self.longitude),
            travel=StraightLine(),
            **given,
        )

    def with_load(self, load: Sequence[float]) -> Market:
        return Market(self.ids, tuple(load), self.latitude, self.longitude, self.edges)


def grid(
    rows: int, columns: int, load: Sequence[float] | None = None, prefix: str = "u", west: float = -100.0
) -> Market:
    """A grid of units a tenth of a degree apart, neighbours sharing a side."""
    places = [(r, c) for r in range(rows) for c in range(columns)]
    name = {place: f"{prefix}{place[0]:02d}{place[1]:02d}" for place in places}
    edges = [(name[r, c], name[r, c + 1], "exact") for r, c in places if c + 1 < columns]
    edges += [(name[r, c], name[r + 1, c], "exact") for r, c in places if r + 1 < rows]
    return Market(
        tuple(name[place] for place in places),
        tuple(load if load is not None else [1.0] * len(places)),
        tuple(40.0 + 0.1 * r for r, _ in places),
        tuple(west + 0.1 * c for _, c in places),
        tuple(edges),
    )


def random_map(seed: int, units: int, heaviest: int = 9) -> Market:
    """A connected map of random places: each unit borders the nearest earlier one, and some near ones more."""
    chance = random.Random(seed)
    latitude = [40 + chance.random() for _ in range(units)]
    longitude = [-90 + chance.random() for _ in range(units)]

    def near(i: int, j: int) -> float:
        return (latitude[i] - latitude[j]) ** 2 + (longitude[i] - longitude[j]) ** 2

    edges = {(min(range(i), key=lambda j: near(i, j)), i) for i in range(1, units)}
    for i in range(units):
        for j in sorted((j for j in range(units) if j != i), key=lambda j: near(i, j))[:3]:
            if chance.random() < 0.6:
                edges.add((min(i, j), max(i, j)))
    ids = [f"m{i:03d}" for i in range(units)]
    chance.shuffle(ids)
    return Market(
        tuple(ids),
        tuple(float(chance.randint(0, heaviest)) + (1.0 if i == 0 else 0.0) for i in range(units)),
        tuple(latitude),
        tuple(longitude),
        tuple((ids[a], ids[b], "approximate") for a, b in sorted(edges)),
    )


def joined(*markets: Market, edges: Sequence[Edge] = ()) -> Market:
    """Several markets as one, with extra edges between them."""
    return Market(
        tuple(u for m in markets for u in m.ids),
        tuple(v for m in markets for v in m.load),
        tuple(v for m in markets for v in m.latitude),
        tuple(v for m in markets for v in m.longitude),
        tuple(e for m in markets for e in m.edges) + tuple(edges),
    )
