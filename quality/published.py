"""What would be published, as the audit of disclosure sees it: marts, rows, cells, and what it may find.

Belongs here: the types that the audit's parts share, how they read a row, and the one way from a data home to what is
audited. Does not belong here: any attack (disclosure_rows.py, disclosure_history.py, disclosure_linear.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from quality.disclosure_rules import TREATMENTS, Family

Marts = Mapping[str, pa.Table]
Record = dict[str, Any]


@dataclass(frozen=True, order=True)
class Recoverable:
    """A cell that could be had. `how` says by which arithmetic, and never the value."""

    mart: str
    key: str
    measure: str
    how: str

    def sentence(self) -> str:
        return f"{self.mart} [{self.key}] {self.measure}: {self.how}"


@dataclass(frozen=True)
class Published:
    """What the audit needs beside the marts themselves.

    `threshold`: smallest count that may be shown. `prices`: of products, which set the steps of dollars. `unlisted`:
    (family, product_id, npi, unit_id) of providers who have people there but no row. `earlier`: what earlier snapshots
    showed, in the shape of `delivery/published_cell`.
    """

    marts: Marts
    threshold: int
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    unlisted: frozenset[tuple[str, str, str, str]] = frozenset()
    earlier: pa.Table | None = None

    @property
    def dearest_usd(self) -> Decimal:
        return max(self.prices.values(), default=Decimal(0))


Cell = tuple[str, ...]  # mart, then the key


def what_is_published(marts: Marts, threshold: int, warehouse: Path, earlier: Path) -> Published:
    """The marts with what the audit must know beside them, read from a home's warehouse and `delivery/published_cell`."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        unlisted = connection.execute(
            "select measure, product_id, member_id, unit_id from intermediate.int_disclosure__cells "
            "where cell_kind = 'provider' and is_opted_out and people > 0"
        ).fetchall()
        prices = connection.execute(
            "select product_id, price_usd from staging.stg_config__products"
        ).fetchall()
    return Published(marts, threshold, dict(prices), frozenset(unlisted), pq.read_table(earlier))


def family_rows(rows: Mapping[str, list[Record]]) -> Iterator[tuple[str, Family, Record]]:
    for mart, treatment in TREATMENTS.items():
        for family in treatment.families:
            for row in rows.get(mart, []):
                yield mart, family, row


def key_of(mart: str, row: Record) -> str:
    return ", ".join(f"{name} {row[name]}" for name in TREATMENTS[mart].key)


def is_withheld(row: Record, family: Family) -> bool:
    """Is the present value not there: suppressed, or an older one in its place?"""
    return bool(row[family.suppressed] or (family.held and row.get(family.held)))


def cell_of(mart: str, row: Record) -> Cell:
    return (mart, *(str(row[name]) for name in TREATMENTS[mart].key))


def is_multiple(value: Any, step: Fraction) -> bool:
    """To the cent: what is published has been rounded to it."""
    if not step:
        return True
    times = Fraction(value) / step
    return abs(times - round(times)) * step <= Fraction(1, 100) * max(1, abs(round(times)))
