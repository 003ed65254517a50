"""How much each territory should carry, and how far off it may be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.territories.problem import BalanceRule, FloatArray, IntArray
from pipelines.territories.slots import Slot

NARROW = 0.2


def equal_targets(loads: FloatArray, slots: Sequence[Slot]) -> FloatArray:
    """Targets (k, R): the area's loads (n, R) shared out by the weights of the slots."""
    weight = np.array([slot.weight for slot in slots])
    return np.outer(weight / weight.sum(), loads.sum(axis=0))


def bands(
    rules: Sequence[BalanceRule], targets: FloatArray, mean_over_target: float
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest load (k, R): target minus and plus tolerance.

    `mean_over_target` is the market's mean territory over that of this area. Where whole seats put an area
    off the mean, the soft primary band is cut on the side that leads further away, down to a fifth of the
    tolerance.
    """
    low, high = np.empty_like(targets), np.empty_like(targets)
    for column, rule in enumerate(rules):
        tolerance = rule.tolerance_share
        least, most = max(1.0 - tolerance, 0.0), 1.0 + tolerance
        if column == 0 and not rule.is_hard:
            least = max(least, min(1.0 - NARROW * tolerance, least * mean_over_target))
            most = min(most, max(1.0 + NARROW * tolerance, most * mean_over_target))
        low[:, column], high[:, column] = targets[:, column] * least, targets[:, column] * most
    return low, high


def anchor_oversize(
    primary: FloatArray, tolerance: float, *, pinned: IntArray, home: IntArray, named: int, slots: int
) -> tuple[FloatArray, IntArray]:
    """Give each unit that alone exceeds the band a slot of its own, and share the rest among the other slots.

    `primary` (n,) loads; `pinned`, `home` (n,) slots or negative; the first `named` of `slots` slots have a
    name. Returns the primary targets (slots,) and, per unit, the slot it is anchored to or -1. A unit keeps
    the slot it is pinned to, else the one it is at home in, else takes an unnamed one.
    """
    taken: dict[int, int] = {}
    rest = float(primary.sum()) / slots
    for unit in np.argsort(-primary, kind="stable").tolist():
        if len(taken) == slots - 1 or primary[unit] <= rest * (1.0 + tolerance):
            break
        wanted = [int(pinned[unit]), int(home[unit]), *range(named, slots), *range(slots)]
        taken[unit] = next(slot for slot in wanted if slot >= 0 and slot not in taken.values())
        rest = float(primary.sum() - primary[list(taken)].sum()) / (slots - len(taken))
    targets = np.full(slots, rest)
    anchor = np.full(len(primary), -1, dtype=np.int64)
    for unit, slot in taken.items():
        targets[slot] = primary[unit]
        anchor[unit] = slot
    return targets, anchor
