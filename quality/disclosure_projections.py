"""Does a published projection tell more than the count it is made of? It may be a place's own only where it is rounded.

Belongs here: attacks on `projected_procedures` and its shares, which weigh the payers and months of a cell: an exact one
is a second equation over the same services. Does not belong here: whether the count itself may be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from quality.published import Record, Recoverable, key_of

DIGIT = 1e-6
"""The last digit of a published factor or share of a planning year."""
MONTH_DIGITS = {"projection_factor": 2, "completeness_share": 3}
"""Digits of a month's factor and share."""
MARTS = ("mart_geography_opportunity", "mart_provider_opportunity", "mart_account_opportunity")
AREAS = "mart_area_opportunity"
Fault = tuple[str, str]  # how, column


def projections_told(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Own projections that are finer than two thresholds, and factors that are nobody's."""
    step = Fraction(2 * threshold)
    places = {
        (row["product_id"], row["geography_level"], row["geography_id"]): row
        for row in rows.get("mart_geography_opportunity", [])
    }
    for mart in MARTS:
        for row in rows.get(mart, []):
            for how, column in _faults_of_a_year(row, places, step):
                yield Recoverable(mart, key_of(mart, row), column, how)
    for row in rows.get(AREAS, []):
        for how, column in _faults_of_a_month(row, step):
            yield Recoverable(AREAS, key_of(AREAS, row), column, how)


def _faults_of_a_year(
    row: Record, places: Mapping[tuple[Any, ...], Record], step: Fraction
) -> Iterator[Fault]:
    if row["is_suppressed"] or row.get("projection_factor") is None:
        return
    if row["projection_basis"] == row.get("geography_level"):
        yield from _faults_of_its_own(row, step)
    else:
        yield from _faults_of_another(row, places)


def _faults_of_its_own(row: Record, step: Fraction) -> Iterator[Fault]:
    """Amounts are multiples of the step or no more than what was captured; so is what the completeness stands for."""
    volume = Fraction(row["procedures"])
    told = {column: row[column] for column in ("projected_procedures", "projected_low", "projected_high")}
    told["completeness_share"] = volume / Fraction(row["completeness_share"])
    for column, value in told.items():
        amount = Fraction(value)
        reach = Fraction(1, 100) + Fraction(DIGIT) * amount
        if min(abs(amount - round(amount / step) * step), abs(amount - volume)) > reach:
            yield "is a place's own and finer than two thresholds, so that it tells the mix behind it", column


def _faults_of_another(row: Record, places: Mapping[tuple[Any, ...], Record]) -> Iterator[Fault]:
    product, basis = row["product_id"], row["projection_basis"]
    unit = row.get("unit_id", row.get("geography_id"))
    state = places.get((product, "unit", unit), row).get("state")
    source = places.get((product, basis, {"unit": unit, "state": state, "nation": "nation"}[basis]))
    if source is None or source.get("projection_factor") is None:
        yield "is of a place that shows none", "projection_factor"
        return
    for column in ("projection_factor", "completeness_share", "capture_share"):
        if abs(row[column] - source[column]) > DIGIT:
            yield "is not that of the place it is said to be of, so that it tells the mix behind it", column
    volume = float(row["procedures"])
    if abs(volume * row["projection_factor"] - float(row["projected_procedures"])) > 0.01 + volume * DIGIT:
        yield "does not follow from the count and its place's factor", "projected_procedures"


def _faults_of_a_month(row: Record, step: Fraction) -> Iterator[Fault]:
    """A factor and a share follow from the rounded amounts; the completed amount is not shown, but is a multiple."""
    volume = row["procedures"]
    if row["is_suppressed"] or not volume:
        return
    share = row["completeness_share"]
    completed = round(Fraction(volume) / Fraction(share) / step) * step if share else 0
    follows = {
        "projection_factor": Fraction(row["projected_procedures"], volume),
        "completeness_share": Fraction(volume) / completed if completed else Fraction(0),
    }
    for column, exact in follows.items():
        digits = MONTH_DIGITS[column]
        if abs(row[column] - float(exact)) > 0.5 * 10**-digits + DIGIT:
            yield "does not follow from rounded amounts, so that it tells the mix behind it", column
