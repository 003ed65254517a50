"""What consumers were shown before: the memory that keeps two snapshots, laid side by side, from telling a small count.

Belongs here: from published snapshots to `delivery/published_cell`. A snapshot's cells are copied once to
`lake/published_cells/` and kept when the snapshot itself is forgotten, so that a refresh can be published again as it
was. What is withheld because of them is dbt's (`int_disclosure__cells`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.atomic_files import read_json, write_parquet
from pipelines.data_home import DataHome
from pipelines.delivery.publication import SNAPSHOTS
from pipelines.delivery.snapshot import MANIFEST

REMEMBERED_REFRESHES = 12
"""As many as planning years that overlap with the present one, and as snapshots are kept."""

KEY = ["snapshot_id", "cell_kind", "product_id", "member_id", "unit_id"]
_USD = pa.decimal128(18, 2)
_VALUES = {
    "first_month": pa.date32(),
    "last_month": pa.date32(),
    "months_covered": pa.int64(),
    "procedures": pa.float64(),
    "involvements": pa.float64(),
    "sides": pa.int64(),
    "units": pa.float64(),
    "doses": pa.float64(),
    "patients": pa.int64(),
    "billed_usd": _USD,
    "total_usd": _USD,
    "addressable_usd": _USD,
    "phantom_usd": _USD,
    "unknown_usd": _USD,
    "providers": pa.int64(),
    "accounts": pa.int64(),
    "diagnosed_patients": pa.int64(),
    "is_withheld": pa.bool_(),
    "is_diagnosis_withheld": pa.bool_(),
    "is_access_rounded": pa.bool_(),
}
PUBLISHED_CELL = pa.schema(
    {
        "snapshot_id": pa.string(),
        "snapshot_order": pa.int64(),
        "cell_kind": pa.string(),
        "product_id": pa.string(),
        "member_id": pa.string(),
        "unit_id": pa.string(),
    }
    | _VALUES
)
# mart: kind, member, unit
_CELLS = {
    "mart_geography_opportunity": ("geography_level", "geography_id", "''"),
    "mart_provider_opportunity": ("'provider'", "npi", "unit_id"),
    "mart_account_opportunity": ("'account'", "account_id", "unit_id"),
}
_FLAGS = {
    "is_withheld": ("is_suppressed", "is_held_back"),
    "is_diagnosis_withheld": ("is_diagnosis_suppressed", "is_diagnosis_held_back"),
    "is_access_rounded": ("is_access_rounded",),
}


def remember_snapshots(home: DataHome) -> list[str]:
    """Copy the cells of every published snapshot that is not in the memory yet. Returns the names copied."""
    copied = []
    for path in sorted((home.published / SNAPSHOTS).glob(f"*/{MANIFEST}")):
        manifest = read_json(path)
        target = home.published_cells / str(manifest["as_of_refresh"]) / f"{path.parent.name}.parquet"
        if not target.is_file():
            write_parquet(target, cells_of_snapshot(path.parent, manifest), sort_by=KEY)
            copied.append(path.parent.name)
    return copied


def cells_of_snapshot(folder: Path, manifest: Mapping[str, Any]) -> pa.Table:
    """Every cell of the opportunity marts in one snapshot, in the shape of `delivery/published_cell`.

    The months are those of the snapshot's planning year, also of a cell that showed an older value.
    """
    parts = []
    for mart, (kind, member, unit) in _CELLS.items():
        present = {column["name"] for column in manifest["tables"][mart]["columns"]}
        values = {name: name if name in present else "null" for name in _VALUES}
        for flag, marks in _FLAGS.items():
            values[flag] = " or ".join([mark for mark in marks if mark in present] or ["false"])
        values["first_month"], values["last_month"] = "year.first_month", "year.last_month"
        columns = ", ".join(f"{expression} as {name}" for name, expression in values.items())
        parts.append(
            f"select ? as snapshot_id, 0 as snapshot_order, {kind} as cell_kind, product_id, {member} as member_id, "
            f"{unit} as unit_id, {columns} from {_mart(folder, mart)} as cell cross join year"
        )
    year = (
        "with year as (select min(planning_first_month) as first_month, max(planning_last_month) as last_month "
        f"from {_mart(folder, 'mart_data_through')} where is_planned_with) "
    )
    with duckdb.connect() as connection:
        sql = year + " union all ".join(parts)
        table = connection.execute(sql, [folder.name] * len(parts)).to_arrow_table()
    return table.cast(PUBLISHED_CELL)


def earlier_cells(home: DataHome, order: Sequence[str], at: str) -> pa.Table:
    """`delivery/published_cell` for publishing refresh `at`: the cells shown for the refreshes before it.

    `order`: all accepted refreshes in refresh order. Snapshots of `at` itself and of later refreshes do not count,
    so that publishing a refresh again, after a kill or years later, gives what it gave.
    """
    shown = [refresh for refresh in order[: order.index(at)] if (home.published_cells / refresh).is_dir()]
    files = [
        path
        for refresh in shown[-REMEMBERED_REFRESHES:]
        for path in sorted((home.published_cells / refresh).glob("*.parquet"))
    ]
    tables = [pq.read_table(path).cast(PUBLISHED_CELL) for path in files]
    numbered = [
        table.set_column(1, "snapshot_order", pa.array([number] * len(table), pa.int64()))
        for number, table in enumerate(tables, start=1)
    ]
    return pa.concat_tables([PUBLISHED_CELL.empty_table(), *numbered])


def _mart(folder: Path, mart: str) -> str:
    path = str(folder / "parquet" / f"{mart}.parquet").replace("'", "''")
    return f"read_parquet('{path}')"
