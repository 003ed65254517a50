"""How much of the opportunity layer the last build had to make again: cells that were found different, and all cells.

Told beside the tables, not in them: what was recomputed depends on what was built before, and a table must not. Does not
belong here: what a cell is and how a change is found (dbt/models/intermediate/int_opportunity__changed.sql).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dagster_project.ledger_state import STATE

CHANGED = "int_opportunity__changed"


@dataclass(frozen=True)
class RecomputedCells:
    """Cells that were new, different or gone in the last build, and all cells of it with those that went."""

    recomputed: int
    cells: int

    @property
    def share(self) -> float:
        """0 to 1; 0 where there is no cell."""
        return round(self.recomputed / self.cells, 4) if self.cells else 0.0


def count_recomputed_cells(warehouse: Path) -> RecomputedCells:
    """Read the change that the last build found. Raises `duckdb.Error` where it was never built."""
    import duckdb

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        counted = connection.execute(
            "select count(*) filter (changed.change_number = state.through_change), count(*)"
            f" from intermediate.{CHANGED} as changed cross join {STATE} as state"
            f" where state.model_name = '{CHANGED}'"
            " and (changed.content_key is not null or changed.change_number = state.through_change)"
        ).fetchone()
    assert counted is not None
    return RecomputedCells(int(counted[0]), int(counted[1]))
