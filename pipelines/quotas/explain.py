"""The lines that explain a quota: where each part of it comes from, in words, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from pipelines.quotas.blend import blend_shares
from pipelines.quotas.rule import QuotaRule, to_cents, to_usd

COLUMNS = ["territory_id", "line_number", "product_id", "component", "amount_usd", "explanation"]
BOUND_WORDS = {
    "floor": "the lowest quota allowed",
    "cap": "the highest quota allowed",
    "max_increase": "the largest increase allowed against the prior quota",
    "max_decrease": "the largest decrease allowed against the prior quota",
}


@dataclass(frozen=True)
class _Line:
    component: str
    cents: int
    explanation: str
    product_id: str | None = None


@dataclass(frozen=True)
class _Product:
    product_id: str
    share: Fraction
    volume: str


def quota_lines(quotas: pd.DataFrame, territory_products: pd.DataFrame, rule: QuotaRule) -> pd.DataFrame:
    """`quotas/quota_line`, sorted; the lines of a territory add up to its quota exactly.

    `quotas`: as `allocate_quotas` made them, all territories. `territory_products`: territory_id, product_id,
    addressable_usd, procedures and, where known, patients (a year). Components: `potential` (one line a
    product), `history`, `bounds` (what floors, caps and limits of change, here or elsewhere, add or take) and
    `rounding`. Parts that are nothing have no line.
    """
    ordered = quotas.sort_values("territory_id", kind="stable", ignore_index=True)
    cents = [to_cents(value) for value in ordered["quota_usd"]]
    prior = [None if pd.isna(value) else to_cents(value) for value in ordered["prior_quota_usd"]]
    potential = [Fraction(value) for value in ordered["potential_share"].tolist()]
    blend = blend_shares(potential, prior, rule)
    products = _products(territory_products, rule)
    goal, rows = sum(cents), []
    for i, territory_id in enumerate(ordered["territory_id"]):
        lines = [
            *_potential_lines(goal, potential[i], blend.from_potential[i], products.get(territory_id, [])),
            *_history_lines(goal, blend.from_history[i], prior[i]),
        ]
        unbound = round(goal * (blend.from_potential[i] + blend.from_history[i]))
        lines = list(_with_rest(lines, cents[i], unbound, str(ordered["binding"].iloc[i])))
        rows += [
            (territory_id, number, line.product_id, line.component, to_usd(line.cents), line.explanation)
            for number, line in enumerate(lines, start=1)
        ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"line_number": "int64"})


def _products(territory_products: pd.DataFrame, rule: QuotaRule) -> dict[str, list[_Product]]:
    """Products of each territory with their exact share of its opportunity, by id."""
    found: dict[str, list[_Product]] = {}
    ordered = territory_products.sort_values(["territory_id", "product_id"], kind="stable")
    counted = "patients" if "patients" in ordered else "procedures"
    for territory_id, rows in ordered.groupby("territory_id", sort=True):
        usd = [Fraction(value) for value in rows["addressable_usd"].fillna(0.0).tolist()]
        total = sum(usd, Fraction(0))
        found[str(territory_id)] = [
            _Product(product_id, value / total, _volume(procedures, count, rule.suppression_threshold))
            for product_id, value, procedures, count in zip(
                rows["product_id"], usd, rows["procedures"], rows[counted], strict=True
            )
            if value > 0
        ]
    return found


def _volume(procedures: float, count: float, threshold: int) -> str:
    """The evidence in procedures; never of a group that is too small to be shown."""
    if pd.isna(count) or count < threshold:
        return "too few procedures to be shown"
    return f"{procedures:,.0f} procedures a year"


def _potential_lines(
    goal: int, potential: Fraction, share: Fraction, products: Sequence[_Product]
) -> Iterator[_Line]:
    is_all = share == potential
    weight = "All of the goal" if is_all else f"{float(share / potential):.0%} of the goal"
    if not products and goal * share:
        text = (
            f"{weight} follows potential; none is known by product here, the share is {float(potential):.2%}."
        )
        yield _Line("potential", round(goal * share), text)
    for product in products:
        cents = round(goal * share * product.share)
        text = (
            f"{weight} follows potential: this territory holds {float(potential):.2%} of all addressable "
            f"opportunity, {float(product.share):.1%} of it in this product ({product.volume})."
        )
        yield _Line("potential", cents, text, product.product_id)


def _history_lines(goal: int, share: Fraction, prior: int | None) -> Iterator[_Line]:
    if prior and share:
        text = f"{float(share):.2%} of the goal follows from the prior quota of {_money(prior)} usd."
        yield _Line("history", round(goal * share), text)


def _with_rest(lines: Sequence[_Line], quota: int, unbound: int, binding: str) -> Iterator[_Line]:
    """The lines, then what is left: bounds where it is more than a cent, and the cents of rounding."""
    yield from lines
    by_bounds = quota - unbound if abs(quota - unbound) > 1 else 0
    if by_bounds:
        yield _Line("bounds", by_bounds, _bounds_text(by_bounds, quota, binding))
    rounding = quota - by_bounds - sum(line.cents for line in lines)
    if rounding or (not lines and not by_bounds):
        yield _Line(
            "rounding", rounding, "Whole cents: the lines add up to the quota, the quotas to the goal."
        )
    if "above_obtainable" in binding:
        text = "Warning: the quota is above all that could be won here at the products' obtainable shares."
        yield _Line("warning", 0, text)


def _bounds_text(by_bounds: int, quota: int, binding: str) -> str:
    names = binding.split("; ")
    stopped = [BOUND_WORDS[name] for name in names if name in BOUND_WORDS]
    given_up = [
        BOUND_WORDS[name.removeprefix("given up: ")] for name in names if name.startswith("given up: ")
    ]
    verb = "Added" if by_bounds > 0 else "Taken off"
    if stopped:
        text = f"{verb} because {_money(quota)} usd is {stopped[0]}."
    else:
        text = f"{verb} in proportion, so that the goal is met where other territories stand at a bound."
    if given_up:
        text += f" Could not be kept: {', '.join(given_up)}."
    return text


def _money(cents: int) -> str:
    return f"{Decimal(cents) / 100:,.2f}"
