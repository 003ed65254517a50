"""Can a small count of people be had from what would be published? The attacker's arithmetic, done before him.

Belongs here: from the marts of a snapshot (and of earlier ones) to the list of cells that follow. Nothing else is
read: the audit knows what a consumer knows, and beside it only which providers opted out and have no row. The attacks
are named in docs/methods/privacy.md.
"""

from __future__ import annotations

from quality.disclosure_history import small_changes
from quality.disclosure_linear import by_elimination, too_narrow
from quality.disclosure_projections import projections_told
from quality.disclosure_rows import exact_splits, shown_finer, shown_small, sums_shown_finer, untreated
from quality.disclosure_rules import TREATMENTS
from quality.published import Published, Recoverable


def recoverable_cells(published: Published) -> list[Recoverable]:
    """Every cell that follows from the marts, sorted; empty means that the snapshot may be published."""
    rows = {name: table.to_pylist() for name, table in published.marts.items() if name in TREATMENTS}
    found = {
        *untreated(published.marts),
        *shown_small(rows, published.threshold),
        *shown_finer(rows, published.threshold),
        *sums_shown_finer(rows, published),
        *(small_changes(published.marts, published.earlier, published.threshold)),
        *exact_splits(rows, published.threshold),
        *projections_told(rows, published.threshold),
        *by_elimination(rows, published),
        *too_narrow(rows, published),
    }
    return sorted(found)
