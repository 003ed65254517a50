"""The least and the most a quota may be, which bounds cannot hold together, and the split that keeps to them.

All amounts are cents. Bounds are rounded outward to whole cents, so that rounding never makes them clash.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipelines.quotas.rule import QuotaRule, exact


@dataclass(frozen=True)
class Bound:
    """`low` and `high` in cents, the names of what set them, and the names of what was given up."""

    low: int
    high: int
    low_name: str
    high_name: str
    given_up: tuple[str, ...] = ()


def quota_bounds(goal: int, prior: Sequence[int | None], rule: QuotaRule) -> list[Bound]:
    """Bounds that can hold together: Σ low ≤ goal ≤ Σ high.

    Floor and cap come before the largest change: a change that would break them is given up for that
    territory. Where the changes cannot hold for all together (the goal grows or shrinks too much), that side
    of them is given up for all; where floors (or caps) alone exceed (or miss) the goal, those too.
    """
    n = len(prior)
    mean = Fraction(goal, n)
    floor, cap = math.floor(mean * exact(rule.floor_share)), math.ceil(mean * exact(rule.cap_share))
    bounds = [_own_bound(floor, cap, value, exact(rule.max_change_share)) for value in prior]
    if sum(bound.low for bound in bounds) > goal:
        bounds = [_without_low(bound, floor, "floor", ("max_decrease",)) for bound in bounds]
    if sum(bound.low for bound in bounds) > goal:
        # the floor may have stood in for a change: that goes with it
        lost = [("floor", "max_decrease") if value else ("floor",) for value in prior]
        bounds = [_without_low(bound, 0, "zero", names) for bound, names in zip(bounds, lost, strict=True)]
    if sum(bound.high for bound in bounds) < goal:
        bounds = [_without_high(bound, cap, "cap", ("max_increase",)) for bound in bounds]
    if sum(bound.high for bound in bounds) < goal:
        lost = [("cap", "max_increase") if value else ("cap",) for value in prior]
        bounds = [
            _without_high(bound, goal, "goal", names) for bound, names in zip(bounds, lost, strict=True)
        ]
    return bounds


def fill_between(weights: Sequence[Fraction], bounds: Sequence[Bound], goal: int) -> list[Fraction]:
    """The split of `goal` that is proportional to `weights` wherever no bound stops it (water-filling).

    Finds the one level λ at which Σ clip(λ·weight, low, high) = goal; Σ low ≤ goal ≤ Σ high is required.
    Territories without weight stay at `low` until all others are at `high`, then share what is left equally.
    """
    if all(weight == 0 for weight in weights):
        weights = [Fraction(1)] * len(weights)
    full = [
        Fraction(bound.high if weight else bound.low) for weight, bound in zip(weights, bounds, strict=True)
    ]
    if sum(full) < goal:
        rest = [Bound(b.high, b.high, "", "") if w else b for w, b in zip(weights, bounds, strict=True)]
        return fill_between([Fraction(1)] * len(rest), rest, goal)
    level = _level(weights, bounds, goal)
    return [_clip(level * weight, bound) for weight, bound in zip(weights, bounds, strict=True)]


def round_to_cents(amounts: Sequence[Fraction]) -> list[int]:
    """Whole cents of the same (whole) total: the largest parts of a cent are rounded up, ties by position."""
    down = [math.floor(amount) for amount in amounts]
    missing = int(sum(amounts, Fraction(0))) - sum(down)
    by_remainder = sorted(range(len(amounts)), key=lambda i: (down[i] - amounts[i], i))
    for i in by_remainder[:missing]:
        down[i] += 1
    return down


def _own_bound(floor: int, cap: int, prior: int | None, change: Fraction) -> Bound:
    if not prior:
        return Bound(floor, cap, "floor", "cap")
    least, most = math.floor(prior * (1 - change)), math.ceil(prior * (1 + change))
    if most < floor:
        return Bound(floor, floor, "floor", "floor", ("max_increase",))
    if least > cap:
        return Bound(cap, cap, "cap", "cap", ("max_decrease",))
    low, low_name = (least, "max_decrease") if least > floor else (floor, "floor")
    high, high_name = (most, "max_increase") if most < cap else (cap, "cap")
    return Bound(low, high, low_name, high_name)


def _without_low(bound: Bound, low: int, low_name: str, lost: tuple[str, ...]) -> Bound:
    if bound.low <= low:
        return bound
    return Bound(low, bound.high, low_name, bound.high_name, _with_names(bound.given_up, lost))


def _without_high(bound: Bound, high: int, high_name: str, lost: tuple[str, ...]) -> Bound:
    if bound.high >= high:
        return bound
    return Bound(bound.low, high, bound.low_name, high_name, _with_names(bound.given_up, lost))


def _with_names(names: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))


def _clip(value: Fraction, bound: Bound) -> Fraction:
    return min(max(value, Fraction(bound.low)), Fraction(bound.high))


def _level(weights: Sequence[Fraction], bounds: Sequence[Bound], goal: int) -> Fraction:
    pairs = [(w, b) for w, b in zip(weights, bounds, strict=True) if w]
    fixed = sum(b.low for w, b in zip(weights, bounds, strict=True) if not w)
    knots = sorted({Fraction(side) / w for w, b in pairs for side in (b.low, b.high)})

    def filled(level: Fraction) -> Fraction:
        free = [w for w, b in pairs if b.low < level * w < b.high]
        stopped = sum(
            b.high if level * w >= b.high else b.low for w, b in pairs if not b.low < level * w < b.high
        )
        return fixed + stopped + level * sum(free, Fraction(0))

    # the sum rises with the level and is straight between knots: find the last knot that is not too high
    first, last = 0, len(knots) - 1
    while first < last:
        middle = (first + last + 1) // 2
        first, last = (middle, last) if filled(knots[middle]) <= goal else (first, middle - 1)
    level = knots[first]
    slope = sum((w for w, b in pairs if b.low <= level * w < b.high), Fraction(0))
    return level + (goal - filled(level)) / slope if slope else level
