"""The optimum by trying everything: the definition of the objective, written down a second time."""

from __future__ import annotations

from itertools import product

from small_maps import Market, StraightLine


def best_objective(
    market: Market,
    seats: int,
    tolerance: float,
    price: float,
    moved_from: list[int] | None = None,
    moving: float = 0.0,
) -> float | None:
    """Least objective over all ways to give every unit a territory, all whole, seat at the best unit of each.

    None when some unit alone exceeds the band (the engine then shares the rest out anew) or no way exists.
    """
    count, total = len(market.ids), sum(market.load)
    if max(market.load) / total > (1 + tolerance) / seats:
        return None
    weight = [(load / total + 0.02 / count) / 1.02 for load in market.load]
    miles = [
        [
            float(StraightLine().miles(a, b, c, d))
            for c, d in zip(market.latitude, market.longitude, strict=True)
        ]
        for a, b in zip(market.latitude, market.longitude, strict=True)
    ]
    position = {unit: i for i, unit in enumerate(market.ids)}
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for a, b, _ in market.edges:
        neighbours[position[a]].add(position[b])
        neighbours[position[b]].add(position[a])
    travel_of: dict[tuple[int, ...], float] = {}

    def travel(members: tuple[int, ...]) -> float:
        if members not in travel_of:
            seen, stack = {members[0]}, [members[0]]
            while stack:
                for other in neighbours[stack.pop()]:
                    if other in members and other not in seen:
                        seen.add(other)
                        stack.append(other)
            to_seat = [sum(weight[u] * miles[u][s] for u in members) for s in members]
            travel_of[members] = min(to_seat) if len(seen) == len(members) else float("inf")
        return travel_of[members]

    best = float("inf")
    for owners in product(range(seats), repeat=count):
        value = 0.0
        for seat in range(seats):
            members = tuple(u for u in range(count) if owners[u] == seat)
            if not members:
                value = float("inf")
                break
            share = sum(market.load[u] for u in members) / total
            outside = max(share - (1 + tolerance) / seats, (1 - tolerance) / seats - share, 0.0)
            value += travel(members) + price * outside
        if moved_from is not None:
            value += moving * sum(market.load[u] / total for u in range(count) if owners[u] != moved_from[u])
        best = min(best, value)
    return best if best < float("inf") else None
