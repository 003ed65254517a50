"""Does a published projection tell more than the count it is made of? It may be a place's own only where it is rounded.

Belongs here: attacks on `projected_procedures` and its shares, which weigh the payers and months of a cell: an exact one
is a second equation over the same services. Does not belong here: whether the count itself may be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from quality.disclosure_rules import PROJECTION
from quality.published import Record, Recoverable, key_of

DIGIT = 1e-6
"""The last digit of a published factor or share."""
MARTS = ("mart_geography_opportunity", "mart_provider_opportunity", "mart_account_opportunity")


def projections_told(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Projections beside older values, own ones that are finer than two thresholds, and factors that are nobody's."""
    places = {
        (row["product_id"], row["geography_level"], row["geography_id"]): row
        for row in rows.get("mart_geography_opportunity", [])
    }
    for mart in MARTS:
        for row in rows.get(mart, []):
            for how, column in _faults(row, places, Fraction(2 * threshold)):
                yield Recoverable(mart, key_of(mart, row), column, how)


def _faults(
    row: Record, places: Mapping[tuple[Any, ...], Record], step: Fraction
) -> Iterator[tuple[str, str]]:
    shown = [column for column in PROJECTION if row.get(column) is not None]
    if not shown or row["is_suppressed"]:
        return
    if row["is_held_back"]:
        yield "is of today beside a count that is held back", shown[0]
        return
    volume, basis, factor = row["procedures"], row["projection_basis"], row["projection_factor"]
    if basis == row.get("geography_level"):
        completed = volume / row["completeness_share"]
        told = {column: row[column] for column in ("projected_procedures", "projected_low", "projected_high")}
        for column, value in (told | {"completeness_share": completed}).items():
            nearest = round(Fraction(value) / step) * step
            reach = Fraction(1, 100) + Fraction(DIGIT) * Fraction(value)
            if abs(Fraction(value) - nearest) > reach and abs(Fraction(value) - Fraction(volume)) > reach:
                yield (
                    "is a place's own and finer than two thresholds, so that it tells the mix behind it",
                    column,
                )
        return
    product, unit = row["product_id"], row.get("unit_id", row.get("geography_id"))
    state = places.get((product, "unit", unit), row).get("state")
    name = {"unit": unit, "state": state, "nation": "nation"}[basis]
    source = places.get((product, basis, name))
    if source is None or source.get("projection_factor") is None:
        yield "is of a place that shows none", "projection_factor"
        return
    for column in ("projection_factor", "completeness_share", "capture_share"):
        if abs(row[column] - source[column]) > DIGIT:
            yield "is not that of the place it is said to be of, so that it tells the mix behind it", column
    if abs(float(volume) * factor - float(row["projected_procedures"])) > 0.01 + float(volume) * DIGIT:
        yield "does not follow from the count and its place's factor", "projected_procedures"
