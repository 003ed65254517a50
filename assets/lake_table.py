"""How an asset writes a table of the lake and what it says about it: rows, columns, hash, and a preview.

The data version is the hash of the bytes, so that Dagster sees a change only when there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PREVIEW_ROWS = 8
# A unit may hold few patients: what it measures is not shown in a preview, only what delivery has suppressed.
UNIT_MEASURES = {"addressable_usd", "procedures", "patients", "diagnosed_patients", "level_factor"}


class HomeResource(dg.ConfigurableResource):
    """The data home that every asset reads and writes."""

    root: str

    @property
    def home(self) -> DataHome:
        return DataHome.at(self.root)


def write_table(
    home: DataHome,
    key: str,
    table: pa.Table | pd.DataFrame,
    *,
    sort_by: Sequence[str],
    metadata: Mapping[str, Any] | None = None,
    data_version: str | None = None,
) -> dg.MaterializeResult[None]:
    """Write `key` ("schema/table") to the lake and describe it. Returns the event to yield."""
    from pipelines.atomic_files import sha256_of_file, write_parquet

    schema, name = key.split("/")
    path = write_parquet(home.table(schema, name), table, sort_by=list(sort_by))
    return dg.MaterializeResult(
        asset_key=dg.AssetKey([schema, name]),
        data_version=dg.DataVersion(data_version or sha256_of_file(path)[:16]),
        metadata={**table_metadata(path), **(metadata or {})},
    )


def table_metadata(path: Any) -> dict[str, Any]:
    """Row count, column schema and a small preview of a Parquet file."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    hidden = {"geometry"} | (UNIT_MEASURES if "unit_id" in schema.names else set())
    shown = [field.name for field in schema if field.name not in hidden]
    head = next(file.iter_batches(batch_size=PREVIEW_ROWS, columns=shown), None)
    return {
        "dagster/row_count": file.metadata.num_rows,
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(field.name, str(field.type)) for field in schema]
        ),
        "preview": dg.MetadataValue.md(_markdown(head)) if head is not None else "no rows",
    }


def _markdown(batch: Any) -> str:
    names = batch.schema.names
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in batch.to_pylist():
        cells = ["" if row[name] is None else _cell(row[name]) for name in names]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = str(value)
    if isinstance(value, float):
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return text.replace("|", "/")[:60]
