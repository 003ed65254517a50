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
    rules: Sequence[BalanceRule], targets: FloatArray, mean_share: float | None
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest load (k, R): target minus and plus tolerance.

    `mean_share` is the market's mean territory (None: seats have targets of their own). Where whole seats or
    a unit above the band put a target off the mean, the soft primary band is cut on the side that leads
    further away, down to a fifth of the tolerance.
    """
    low, high = np.empty_like(targets), np.empty_like(targets)
    for column, rule in enumerate(rules):
        tolerance = rule.tolerance_share
        least = np.full(len(targets), max(1.0 - tolerance, 0.0))
        most = np.full(len(targets), 1.0 + tolerance)
        if column == 0 and not rule.is_hard and mean_share is not None:
            off_mean = mean_share / np.maximum(targets[:, 0], 1e-12)
            least = np.maximum(least, np.minimum(1.0 - NARROW * tolerance, least * off_mean))
            most = np.minimum(most, np.maximum(1.0 + NARROW * tolerance, most * off_mean))
        low[:, column], high[:, column] = targets[:, column] * least, targets[:, column] * most
    return low, high


def anchor_oversize(
    primary: FloatArray, tolerance: float, *, pinned: IntArray, home: IntArray, named: int, slots: int
) -> tuple[FloatArray, IntArray]:
    """Give each unit that alone exceeds the band a slot of its own, and share the rest among the other slots.

    `primary` (n,) loads; `pinned`, `home` (n,) slots or negative; the first `named` of `slots` slots have a
    name. Returns the primary targets (slots,) and, per unit, the slot it is anchored to or -1. A unit takes
    the slot it is locked to, else the one it is at home in, else an unnamed one; where none is free it stays
    an ordinary unit.
    """
    taken: dict[int, int] = {}
    locked = {slot for slot in pinned.tolist() if slot >= 0}
    rest = float(primary.sum()) / slots
    for unit in np.argsort(-primary, kind="stable").tolist():
        if len(taken) == slots - 1 or primary[unit] <= rest * (1.0 + tolerance):
            break
        # A slot that others are locked to is not free: the two might lie far apart.
        unlocked = [s for s in (int(home[unit]), *range(named, slots)) if s >= 0 and s not in locked]
        wanted = [int(pinned[unit])] if pinned[unit] >= 0 else unlocked
        slot = next((s for s in wanted if s not in taken.values()), None)
        if slot is None:
            continue
        taken[unit] = slot
        rest = max(float(primary.sum() - primary[list(taken)].sum()), 0.0) / (slots - len(taken))
    targets = np.full(slots, rest)
    anchor = np.full(len(primary), -1, dtype=np.int64)
    for unit, slot in taken.items():
        targets[slot] = primary[unit]
        anchor[unit] = slot
    return targets, anchor
