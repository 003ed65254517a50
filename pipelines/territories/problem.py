"""What the engine is asked: units with measures on a graph, seats, balance rules, and what must not change.

A `Problem` is canonical: units sorted by id, edges by unit, whatever order they were given in, so that the
same question always has the same answer. It works without geography: with a distance matrix, or else with
hops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

BRIDGE = "bridge"
"""Kind of an edge that crosses water or another gap; every other kind is a land border."""


class TravelModel(Protocol):
    """Miles between places, element by element over arrays of the same length."""

    def miles(self, lat1: FloatArray, lon1: FloatArray, lat2: FloatArray, lon2: FloatArray) -> FloatArray: ...


@dataclass(frozen=True)
class BalanceRule:
    """Each territory's load of `measure` shall lie within `tolerance_share` of its target.

    The first rule of a problem is the primary one: it also weighs travel and counts what moves. A soft rule
    prices what lies outside the band at `price_miles` per share of the total (None: eight times the spread of
    the market and the price of moving together, far more than any detour costs). A hard rule that cannot be
    met makes the answer `NoPlan`.
    """

    measure: str
    tolerance_share: float
    is_hard: bool = False
    price_miles: float | None = None


@dataclass(frozen=True)
class FixedSeat:
    """A territory whose seat (the rep's base) is given: at a unit, or at coordinates. `weight` scales its
    target.
    """

    territory_id: str
    unit_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class ActivePlan:
    """The plan in force: what a move is counted against.

    `seats` maps territory to its seat unit; `promised_excess[measure][territory]` is how far outside its band
    it was when the plan was made, in shares of the market (what no plan could mend then is not repaired now;
    absent: it was within). `areas` lists the territories that shared seats, `links` the edges that were added
    (see `areas`): with them the same land is cut up and joined as it was. A move costs
    `disruption_price_miles` per share of the primary measure moved (None: a quarter of the spread of the
    market).
    """

    assignment: Mapping[str, str]
    seats: Mapping[str, str] = field(default_factory=dict)
    promised_excess: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    disruption_price_miles: float | None = None
    areas: Sequence[Sequence[str]] = ()
    links: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, eq=False)
class Problem:
    """One canonical territory problem; make it with `Problem.build`.

    Arrays are in the order of `unit_ids` (n units): `measures[name]` (n,), `edges` (m, 2) with `edges[:, 0] <
    edges[:, 1]`, `is_bridge` (m,), `latitude`/`longitude` in degrees (n,), `distance_matrix` in miles (n, n),
    `area_sq_miles` (n,). `land_component` numbers the components left when bridges are taken away.
    """

    unit_ids: tuple[str, ...]
    measures: Mapping[str, FloatArray]
    rules: tuple[BalanceRule, ...]
    seats: int | tuple[FixedSeat, ...]
    edges: IntArray
    is_bridge: BoolArray
    land_component: IntArray
    is_island: BoolArray
    latitude: FloatArray | None
    longitude: FloatArray | None
    travel: TravelModel | None
    distance_matrix: FloatArray | None
    area_sq_miles: FloatArray | None
    locks: Mapping[str, str]
    forbidden: frozenset[tuple[str, str]]
    active: ActivePlan | None
    small_component_share: float
    travel_price: float

    @property
    def primary(self) -> str:
        return self.rules[0].measure

    @property
    def seat_count(self) -> int:
        return self.seats if isinstance(self.seats, int) else len(self.seats)

    @property
    def fixed_seats(self) -> tuple[FixedSeat, ...]:
        return () if isinstance(self.seats, int) else self.seats

    def index(self) -> dict[str, int]:
        return {unit: position for position, unit in enumerate(self.unit_ids)}

    @classmethod
    def build(
        cls,
        unit_ids: Sequence[str],
        measures: Mapping[str, Sequence[float] | FloatArray],
        rules: Sequence[BalanceRule],
        seats: int | Sequence[FixedSeat],
        edges: Iterable[tuple[str, str, str]],
        *,
        latitude: Sequence[float] | FloatArray | None = None,
        longitude: Sequence[float] | FloatArray | None = None,
        travel: TravelModel | None = None,
        distance_matrix: FloatArray | None = None,
        area_sq_miles: Sequence[float] | FloatArray | None = None,
        is_island: Sequence[bool] | BoolArray | None = None,
        locks: Mapping[str, str] | None = None,
        forbidden: Iterable[tuple[str, str]] = (),
        active: ActivePlan | None = None,
        small_component_share: float = 0.5,
        travel_price: float = 1.0,
    ) -> Problem:
        """Canonicalise and check the shape of a problem.

        `edges` are `(unit_a, unit_b, kind)` in any order and direction; an edge to a unit outside `unit_ids`
        is left out (scope is the caller's choice). A land component gets seats of its own unless it is
        flagged as an island or carries less than `small_component_share` of one territory's target.
        `travel_price` weighs the miles of the objective. Raises ValueError where arrays do not fit together;
        that a well-formed problem has no answer is for `solve` to say.
        """
        if len(set(unit_ids)) != len(unit_ids):
            raise ValueError("unit_ids must be unique")
        if not rules:
            raise ValueError("at least one balance rule is needed")
        missing = [rule.measure for rule in rules if rule.measure not in measures]
        if missing:
            raise ValueError(f"balance rules name measures that are not given: {missing}")
        if (latitude is None) != (longitude is None) or (latitude is not None and travel is None):
            raise ValueError("coordinates need latitude, longitude and a travel model")
        count = len(unit_ids)
        order = np.array(sorted(range(count), key=lambda i: unit_ids[i]), dtype=np.int64)

        def arranged(values: Sequence[float] | FloatArray | None) -> FloatArray | None:
            if values is None:
                return None
            array = np.asarray(values, dtype=np.float64)
            if array.shape != (count,):
                raise ValueError(f"expected {count} values, got shape {array.shape}")
            return array[order]

        canonical = {name: arranged(values) for name, values in sorted(measures.items())}
        ids = tuple(str(unit_ids[i]) for i in order)
        pairs, bridge = _canonical_edges(ids, edges)
        if distance_matrix is not None:
            distance_matrix = np.asarray(distance_matrix, dtype=np.float64)[np.ix_(order, order)]
        return cls(
            unit_ids=ids,
            measures={name: array for name, array in canonical.items() if array is not None},
            rules=tuple(rules),
            seats=seats if isinstance(seats, int) else tuple(sorted(seats, key=lambda s: s.territory_id)),
            edges=pairs,
            is_bridge=bridge,
            land_component=_first_seen_labels(pairs[~bridge], count),
            is_island=np.zeros(count, bool) if is_island is None else np.asarray(is_island, bool)[order],
            latitude=arranged(latitude),
            longitude=arranged(longitude),
            travel=travel,
            distance_matrix=distance_matrix,
            area_sq_miles=arranged(area_sq_miles),
            locks=dict(sorted((locks or {}).items())),
            forbidden=frozenset(forbidden),
            active=active,
            small_component_share=float(small_component_share),
            travel_price=float(travel_price),
        )


def _canonical_edges(
    ids: tuple[str, ...], edges: Iterable[tuple[str, str, str]]
) -> tuple[IntArray, BoolArray]:
    """Sorted, unique, undirected; where a pair is given as bridge and as border, it is a border."""
    position = {unit: i for i, unit in enumerate(ids)}
    kinds: dict[tuple[int, int], bool] = {}
    for unit_a, unit_b, kind in edges:
        a, b = position.get(unit_a), position.get(unit_b)
        if a is None or b is None or a == b:
            continue
        pair = (min(a, b), max(a, b))
        kinds[pair] = kinds.get(pair, True) and kind == BRIDGE
    pairs = sorted(kinds)
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return array, np.array([kinds[pair] for pair in pairs], dtype=bool)


def _first_seen_labels(edges: IntArray, count: int) -> IntArray:
    """Component number per node, numbered in the order of each component's first node."""
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
