"""The quota rule of the business, and money in whole cents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pipelines.config.model import Setting

CENT = Decimal("0.01")


@dataclass(frozen=True)
class QuotaRule:
    """Weights add up to 1; floor and cap are shares of the mean quota; the change is against the prior quota.

    A product with fewer patients (procedures, where patients are not given) than `suppression_threshold` in a
    territory gets no count in an explanation.
    """

    weight_potential: float
    weight_history: float
    floor_share: float
    cap_share: float
    max_change_share: float
    suppression_threshold: int = 11

    def __post_init__(self) -> None:
        if min(self.weight_potential, self.weight_history, self.floor_share, self.max_change_share) < 0:
            raise ValueError("weights, floor and largest change must not be below 0")
        if exact(self.weight_potential) + exact(self.weight_history) != 1:
            raise ValueError("weight_potential and weight_history must add up to 1")
        if self.cap_share < self.floor_share:
            raise ValueError("cap_share must not be below floor_share")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Setting]) -> QuotaRule:
        return cls(
            weight_potential=float(settings["quota_weight_potential"].value),
            weight_history=float(settings["quota_weight_history"].value),
            floor_share=float(settings["quota_floor_share"].value),
            cap_share=float(settings["quota_cap_share"].value),
            max_change_share=float(settings["quota_max_change_share"].value),
            suppression_threshold=int(settings["suppression_threshold"].value),
        )


def exact(share: float) -> Fraction:
    """A share as it was written: 0.7 is seven tenths, not the nearest binary fraction."""
    return Fraction(str(share))


def to_cents(usd: Decimal) -> int:
    """Whole cents; ValueError where the amount has a part of a cent."""
    cents = Decimal(usd) * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{usd} usd is not a whole number of cents")
    return int(cents)


def to_usd(cents: int) -> Decimal:
    """Dollars with two places."""
    return (Decimal(cents) * CENT).quantize(CENT)
