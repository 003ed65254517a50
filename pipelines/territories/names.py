"""What territories are called: short ids that never change hands, and names a person recognises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd


def next_territory_ids(taken: Iterable[str], count: int) -> list[str]:
    """`count` new ids `T01`, `T02`, … above the highest number in use; numbers of dissolved territories that
    are still in `taken` are never given out again.
    """
    numbers = [int(match[1]) for name in taken if (match := re.fullmatch(r"T(\d+)", name))]
    first = max(numbers, default=0) + 1
    return [f"T{number:02d}" for number in range(first, first + count)]


def territory_names(
    assignment: Mapping[str, str], labels: pd.DataFrame, before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A name per territory, after the places inside it that weigh most.

    `labels` has one row per unit: `unit_id`, `cbsa_name` (null outside any), `state`, `weight`. A territory
    that has a name in `before` keeps it. Two territories never share a name: the second takes its next place
    in addition, and in the end a number.
    """
    before = before or {}
    territories = sorted(set(assignment.values()))
    frame = labels.loc[
        labels["unit_id"].isin(list(assignment)), ["unit_id", "cbsa_name", "state", "weight"]
    ].copy()
    frame["territory_id"] = frame["unit_id"].map(dict(assignment))
    rural = frame["state"].fillna("").astype(str) + " rural"
    frame["place"] = frame["cbsa_name"].where(frame["cbsa_name"].notna() & (frame["cbsa_name"] != ""), rural)
    weights = frame.groupby(["territory_id", "place"], as_index=False)["weight"].sum()
    weights = weights.sort_values(["territory_id", "weight", "place"], ascending=[True, False, True])
    places = {t: group["place"].tolist() for t, group in weights.groupby("territory_id")}
    names = {t: before[t] for t in territories if t in before}
    used = set(names.values())
    for territory in territories:
        if territory in names:
            continue
        own = places.get(territory, []) or [territory]
        options = [own[0], *(f"{own[0]} & {other}" for other in own[1:4])]
        numbered = (f"{own[0]} {number}" for number in range(2, len(territories) + 2))
        names[territory] = next(name for name in [*options, *numbered] if name not in used)
        used.add(names[territory])
    return dict(sorted(names.items()))
