"""What a snapshot shows against the earlier ones: values that moved by a few, and what stood in the same planning year.

Belongs here: the comparison with `delivery/published_cell`. The whole audit: disclosure_audit.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from quality.disclosure_rules import TREATMENTS
from quality.published import Cell, Marts, Record, Recoverable

# mart: kind, member, unit of `delivery/published_cell`
_CELL_OF = {
    "mart_geography_opportunity": ("geography_level", "geography_id", "''"),
    "mart_provider_opportunity": ("'provider'", "npi", "unit_id"),
    "mart_account_opportunity": ("'account'", "account_id", "unit_id"),
}
MARK = {"procedure": "is_withheld", "diagnosis": "is_diagnosis_withheld"}


def small_changes(marts: Marts, earlier: pa.Table | None, threshold: int) -> Iterator[Recoverable]:
    """A present value that differs by 1 to (threshold - 1) from one that was shown before.

    A row that says it shows an older value must show one: then it adds nothing to what is known.
    """
    if earlier is None or not len(earlier):
        return
    with duckdb.connect() as connection:
        connection.register("earlier", earlier)
        for mart, (kind, member, unit) in _CELL_OF.items():
            if mart not in marts:
                continue
            connection.register("present", marts[mart])
            key = TREATMENTS[mart].key
            for family in (family for family in TREATMENTS[mart].families if family.name in MARK):
                same = " and ".join(f"old.{name} is not distinct from now.{name}" for name in family.people)
                small = " or ".join(
                    f"(now.{name} <> old.{name} and abs(now.{name} - old.{name}) < {threshold})"
                    for name in family.people
                )
                found = connection.execute(
                    f"""
                    select {", ".join(f"now.{name}" for name in key)}, min(old.snapshot_id) filter (where {small})
                    from present as now inner join earlier as old
                    on old.cell_kind = {kind} and old.product_id = now.product_id
                    and old.member_id = now.{member} and old.unit_id = {unit if unit == "''" else f"now.{unit}"}
                    where not now.{family.suppressed} and not old.{MARK[family.name]}
                    group by {", ".join(f"now.{name}" for name in key)}, now.{family.held}
                    having bool_or({small}) and not (now.{family.held} and bool_or({same}))
                    """
                ).fetchall()
                for *values, snapshot in found:
                    told = ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))
                    how = f"differs by a small count from snapshot {snapshot}"
                    yield Recoverable(mart, told, " and ".join(family.people), how)


def same_year(
    rows: Mapping[str, list[Record]], earlier: pa.Table | None, family_name: str
) -> list[dict[Cell, Any]]:
    """Per earlier snapshot of the same planning year: cell → the count it showed, None where withheld."""
    year = _planning_year(rows)
    if earlier is None or year is None:
        return []
    same = pc.and_(pc.equal(earlier["first_month"], year[0]), pc.equal(earlier["last_month"], year[1]))
    count = "procedures" if family_name == "procedure" else "diagnosed_patients"
    columns = ["snapshot_id", "cell_kind", "product_id", "member_id", "unit_id", count, MARK[family_name]]
    found: defaultdict[str, dict[Cell, Any]] = defaultdict(dict)
    for row in earlier.filter(same).select(columns).to_pylist():
        kind, product, member = row["cell_kind"], row["product_id"], row["member_id"]
        is_place = kind not in ("provider", "account")
        cell: Cell = ("mart_geography_opportunity", product, kind, member)
        if not is_place:
            cell = (f"mart_{kind}_opportunity", product, member, row["unit_id"])
        found[row["snapshot_id"]][cell] = None if row[MARK[family_name]] else row[count]
    return [found[snapshot] for snapshot in sorted(found)]


def _planning_year(rows: Mapping[str, list[Record]]) -> tuple[Any, Any] | None:
    for row in rows.get("mart_data_through", []):
        if row["is_planned_with"]:
            return row["planning_first_month"], row["planning_last_month"]
    return None
