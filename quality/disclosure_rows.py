"""What a published row shows by itself: small counts, numbers finer than they may be, parts that are somebody's whole.

Belongs here: attacks that need no other snapshot and no arithmetic over rows. The whole audit: disclosure_audit.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quality.disclosure_rules import ROUNDED_COLUMNS, untreated_columns
from quality.published import Marts, Published, Record, Recoverable, family_rows, is_multiple, key_of

SHARE_DIGIT = 0.0001
"""The last digit of a published share."""


def untreated(marts: Marts) -> Iterator[Recoverable]:
    for mart, table in marts.items():
        for column in untreated_columns(mart, table.column_names):
            yield Recoverable(
                mart,
                "every row",
                column,
                "may tell a count of people, and quality/disclosure_rules.py does not say how it is treated",
            )


def shown_small(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Small counts that are shown, and anything that is shown of a suppressed row."""
    for mart, family, row in family_rows(rows):
        key = key_of(mart, row)
        if row[family.suppressed]:
            for column in (*family.people, *family.others):
                if row.get(column) is not None:
                    yield Recoverable(mart, key, column, "is shown although the row is suppressed")
            continue
        for column in family.people:
            value = row.get(column)
            if value is not None and 0 < value < threshold:
                yield Recoverable(mart, key, column, "is a small count that is shown")


def shown_finer(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Numbers that are not rounded though their history is not kept, and a share that tells one of them after all."""
    step = Fraction(2 * threshold)
    for mart, family, row in family_rows(rows):
        for column in family.rounded:
            value = row.get(column)
            if value is not None and Fraction(value) % step:
                how = (
                    "is finer than two thresholds, so that its change since an earlier snapshot may be small"
                )
                yield Recoverable(mart, key_of(mart, row), column, how)
    for row in rows.get("mart_restatement", []):
        share, before = row.get("change_share"), row.get("lines_before")
        if share is None:
            continue
        told = Fraction(row["lines_added"] - row["lines_removed"], before) if before else None
        if told is None or abs(float(told) - share) > SHARE_DIGIT:
            how = "tells the lines before the refresh finer than they are rounded"
            yield Recoverable("mart_restatement", key_of("mart_restatement", row), "change_share", how)


def sums_shown_finer(rows: Mapping[str, list[Record]], published: Published) -> Iterator[Recoverable]:
    """Sums over shown and withheld cells, of territories, systems and pairs, that are finer than two thresholds."""
    people = Fraction(2 * published.threshold)
    for mart, columns in ROUNDED_COLUMNS.items():
        for row in rows.get(mart, []):
            price = published.prices.get(str(row.get("product_id")), Decimal(0))
            steps = {
                "usd": people * Fraction(published.dearest_usd),
                "usd_of_product": people * Fraction(price),
                "people": people,
            }
            for column, kind in columns.items():
                if row.get(column) is not None and not is_multiple(row[column], steps[kind]):
                    yield Recoverable(mart, key_of(mart, row), column, "is a sum that is not rounded")


def exact_splits(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Parts of a total by access that are neither all of it, nor those of one status, nor rounded to two thresholds."""
    states = {
        (row["product_id"], row["geography_id"]): row["state"]
        for row in rows.get("mart_geography_opportunity", [])
        if row["geography_level"] == "unit"
    }
    statuses: defaultdict[tuple[str, ...], set[Any]] = defaultdict(set)
    for row in rows.get("mart_account_opportunity", []):
        if "access_status" not in row:
            return
        if row.get("total_usd") == 0:
            continue
        share = (
            Fraction(row["addressable_usd"]) / Fraction(row["total_usd"]) if row.get("total_usd") else None
        )
        kinds = {row["access_status"]} if share is None else {row["access_status"], round(float(share), 3)}
        product, unit = row["product_id"], row["unit_id"]
        for place in (("unit", unit), ("state", str(states.get((product, unit)))), ("nation", "nation")):
            statuses[(product, *place)] |= kinds
    for mart in ("mart_geography_opportunity", "mart_provider_opportunity"):
        for row in rows.get(mart, []):
            total, volume = row.get("total_usd"), row.get("procedures")
            parts = [row.get(name) for name in ("addressable_usd", "phantom_usd", "unknown_usd")]
            if row["is_suppressed"] or not total or not volume or None in parts:
                continue
            place = (row.get("geography_level", "unit"), row.get("geography_id", row.get("unit_id")))
            words = [kind for kind in statuses[(row["product_id"], *place)] if isinstance(kind, str)]
            shares = len(statuses[(row["product_id"], *place)]) - len(words)
            step = 2 * threshold * Fraction(total) / Fraction(volume)
            for name, part in zip(("addressable_usd", "phantom_usd", "unknown_usd"), parts, strict=True):
                is_rounded = part in (0, total) or is_multiple(part, step)
                if not is_rounded and (len(words) > 1 or shares > 1):
                    yield Recoverable(
                        mart,
                        key_of(mart, row),
                        name,
                        "is the exact volume of the accounts behind one access status",
                    )
