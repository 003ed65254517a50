"""Visits laid out as claim lines, every version of each, in the order in which they are delivered.

Pure index work: which line of which claim, which version, known in which month. The columns a file carries
are filled in medical_claim.py, the true services in truth.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.market_simulator.catalog import VISCO_INDEX, VISIT_TYPES
from pipelines.market_simulator.versions import UNKNOWN
from pipelines.market_simulator.visit_content import NO_CODE
from pipelines.market_simulator.visits import Visits

KINDS = ("original", "replacement", "void", "resend")
ORIGINAL, REPLACEMENT, VOID, RESEND = range(4)
PRODUCT_SLOTS = np.array([visit.product_slots for visit in VISIT_TYPES])
_FAMILY_PLACE = np.full(256, -1, dtype=np.int16)
_FAMILY_PLACE[VISCO_INDEX] = np.arange(len(VISCO_INDEX))


@dataclass(frozen=True)
class ClaimLines:
    """Original lines, one row each: `visit` (position in Visits), `claim` (0/1), `slot`, `number` (1 …)."""

    visit: np.ndarray
    claim: np.ndarray
    slot: np.ndarray
    number: np.ndarray


@dataclass(frozen=True)
class LineVersions:
    """Delivered rows: `line` (position in ClaimLines), `kind`, `month` in which it becomes known, sorted by the
    refresh that delivers it, then kind.
    """

    line: np.ndarray
    kind: np.ndarray
    month: np.ndarray


@dataclass(frozen=True)
class LaidOut:
    """A shard's visits with their lines, and where it stands in the calendar."""

    month: int
    shard: int
    visits: Visits
    lines: ClaimLines


def lay_out(visits: Visits, month: int, shard: int) -> LaidOut:
    """Lines of all claims in claim order. The professional twin carries the product's lines only."""
    visit, claim = np.nonzero(visits.known < UNKNOWN)
    code = visits.code[visit]
    slots = np.arange(code.shape[1])
    on_claim = (claim[:, None] == 0) | (slots <= PRODUCT_SLOTS[visits.visit_type[visit]][:, None])
    present = (code != NO_CODE) & on_claim
    number = np.cumsum(present, axis=1)
    row, slot = np.nonzero(present)
    return LaidOut(month, shard, visits, ClaimLines(visit[row], claim[row], slot, number[row, slot]))


def refresh_of(month: np.ndarray, last_history_month: int) -> np.ndarray:
    """The number of the refresh that delivers what becomes known in a month; UNKNOWN stays far away."""
    return np.maximum(month - last_history_month, 0)


def versions_until(laid_out: LaidOut, last_history_month: int, last_refresh: int) -> LineVersions:
    """Every version that becomes known by refresh `last_refresh`."""
    visits, lines = laid_out.visits, laid_out.lines
    parts = []
    for kind, months in enumerate((visits.known, visits.replaced, visits.voided, visits.resent)):
        month = months[lines.visit, lines.claim]
        line = np.flatnonzero(month <= last_history_month + last_refresh)
        parts.append((line, np.full(len(line), kind, dtype=np.int8), month[line]))
    line, kinds, known = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(refresh_of(known, last_history_month), kind="stable")
    return LineVersions(line[order], kinds[order], known[order])


def corrected_code(code: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The code after a correction: so many steps on within the viscosupplement family; other codes stay."""
    family_place = _FAMILY_PLACE[code]
    moved = VISCO_INDEX[(family_place + steps) % len(VISCO_INDEX)]
    return np.where((family_place >= 0) & (steps > 0), moved, code)
