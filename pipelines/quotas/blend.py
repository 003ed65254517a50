"""The share of the goal that potential and history give each territory, before any bound. Exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipelines.quotas.rule import QuotaRule, exact


@dataclass(frozen=True)
class Blend:
    """Shares of the goal by territory; `from_potential` and `from_history` together add up to 1."""

    from_potential: list[Fraction]
    from_history: list[Fraction]

    def total(self) -> list[Fraction]:
        return [p + h for p, h in zip(self.from_potential, self.from_history, strict=True)]


def potential_shares(addressable: Sequence[Fraction]) -> list[Fraction]:
    """Each territory's share of all potential; equal shares where there is none anywhere."""
    total = sum(addressable, Fraction(0))
    if total == 0:
        return [Fraction(1, len(addressable))] * len(addressable)
    return [value / total for value in addressable]


def blend_shares(potential: Sequence[Fraction], prior: Sequence[int | None], rule: QuotaRule) -> Blend:
    """Weight potential and history.

    `potential` adds up to 1; `prior` is the earlier quota in cents, None or 0 where there was none. A
    territory without history follows its potential alone, and the history weight of the others is shared
    among them by their prior quotas.
    """
    weight = exact(rule.weight_history)
    known = [value or 0 for value in prior]
    total = sum(known)
    without = sum((p for p, value in zip(potential, known, strict=True) if not value), Fraction(0))
    from_potential, from_history = [], []
    for share, value in zip(potential, known, strict=True):
        history = (1 - without) * Fraction(value, total) if value else Fraction(0)
        from_history.append(weight * history)
        from_potential.append(share if not value else (1 - weight) * share)
    return Blend(from_potential, from_history)
