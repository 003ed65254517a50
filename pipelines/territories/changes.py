"""What a new plan changes against the one before: which units change hands, how much, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

COLUMNS = ["unit_id", "from_territory_id", "to_territory_id", "addressable_usd", "reason"]


def plan_changes(
    before: Mapping[str, str], after: Mapping[str, str], opportunity: Mapping[str, float]
) -> pd.DataFrame:
    """Rows of `territories/plan_change`: units that both plans know and that changed hands, sorted by unit.

    `opportunity` (unit -> addressable_usd, now) also gives the reasons: where the two territories stood, 100
    being the mean, before anything was moved.
    """
    standing = standings(before, opportunity)
    rows = [
        (
            unit,
            before[unit],
            owner,
            float(opportunity.get(unit, 0.0)),
            _reason(before[unit], owner, standing, after),
        )
        for unit, owner in sorted(after.items())
        if before.get(unit, owner) != owner
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def moved_opportunity_share(changes: pd.DataFrame, opportunity: Mapping[str, float]) -> float:
    """Share of all opportunity that changes hands (0 to 1): the disruption of a plan."""
    total = sum(opportunity.values())
    return float(changes["addressable_usd"].sum() / total) if total else 0.0


def standings(assignment: Mapping[str, str], opportunity: Mapping[str, float]) -> dict[str, float]:
    """Balance index (100 = mean) of each territory under the given opportunity; new units count for
    nobody.
    """
    load = dict.fromkeys(sorted(set(assignment.values())), 0.0)
    for unit, territory in sorted(assignment.items()):
        load[territory] += opportunity.get(unit, 0.0)
    mean = sum(load.values()) / len(load) if load else 0.0
    return {territory: own / mean * 100.0 if mean else 0.0 for territory, own in load.items()}


def _reason(giver: str, taker: str, standing: Mapping[str, float], after: Mapping[str, str]) -> str:
    if giver not in set(after.values()):
        return f"{giver} was dissolved"
    if taker not in standing:
        return f"{taker} is new"
    return f"balance: {giver} stood at {standing[giver]:.0f}, {taker} at {standing[taker]:.0f} (100 = mean)"
