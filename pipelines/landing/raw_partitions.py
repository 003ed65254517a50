"""The partitions of one refresh in `lake/raw`: the tables all its files share, and the move into place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.atomic_files import write_parquet
from pipelines.data_home import DataHome
from pipelines.landing.land_file import LandedFile, Landing
from pipelines.landing.raw_tables import RAW_TABLES, arrow_schema


def write_shared_tables(landing: Landing, landed: list[LandedFile]) -> None:
    """raw/quarantine (a file per accepted file, empty ones too, so that the table exists) and raw/refresh."""
    accepted = [
        file for file in landed if file.receipt.status == "accepted" and file.refused_rows is not None
    ]
    for file in accepted:
        refused = file.refused_rows
        assert refused is not None
        rows = refused.num_rows
        columns = {name: refused.column(name) for name in refused.column_names}
        columns["file_name"] = pa.array([file.receipt.name] * rows, pa.string())
        columns["entity"] = pa.array([file.receipt.entity] * rows, pa.string())
        columns |= _provenance(landing, [file.receipt.sha256] * rows)
        table = pa.table({name: columns[name] for name in arrow_schema("quarantine").names})
        write_parquet(
            landing.target("quarantine", file.receipt.sha256),
            table.cast(arrow_schema("quarantine")),
            sort_by=["row_number"],
        )
    described = [
        {
            "file_name": file.receipt.name,
            "entity": file.receipt.entity,
            "layout": file.receipt.layout,
            "delivered_rows": file.receipt.delivered_rows,
            "accepted_rows": file.receipt.accepted_rows,
            "quarantined_rows": file.receipt.quarantined_rows,
            "service_from": file.receipt.service_from,
            "service_to": file.receipt.service_to,
            "source": landing.manifest.source,
            "refresh_id": landing.refresh_id,
            "known_on": landing.manifest.known_on,
            "file_sha256": file.receipt.sha256,
            "row_number": place,
        }
        for place, file in enumerate(accepted, start=1)
    ]
    write_parquet(
        landing.staging / "refresh" / "files.parquet",
        pa.Table.from_pylist(described, schema=arrow_schema("refresh")),
        sort_by=["row_number"],
    )


def _provenance(landing: Landing, hashes: list[str]) -> dict[str, pa.Array]:
    rows = len(hashes)
    return {
        "source": pa.array([landing.manifest.source] * rows, pa.string()),
        "refresh_id": pa.array([landing.refresh_id] * rows, pa.string()),
        "known_on": pa.array([landing.manifest.known_on] * rows, pa.date32()),
        "file_sha256": pa.array(hashes, pa.string()),
    }


def move_into_place(home: DataHome, refresh_id: str, staging: Path) -> None:
    """Rename the staged folders to their partitions, after clearing what a killed attempt may have left."""
    for table in RAW_TABLES:
        partition = home.raw_partition(table, refresh_id)
        shutil.rmtree(partition, ignore_errors=True)
        if (staging / table).is_dir():
            partition.parent.mkdir(parents=True, exist_ok=True)
            (staging / table).rename(partition)


def ensure_empty_tables(home: DataHome) -> None:
    """One empty typed file a raw table, so that SQL finds every table and column whatever was landed, and when.

    A home that was landed before a column existed has an older file: it is written anew, and the rows of that time have
    null in the column (SQL finds columns by name).
    """
    for name in RAW_TABLES:
        target, schema = home.raw_partition(name, "_schema") / "empty.parquet", arrow_schema(name)
        if not target.exists() or not pq.read_schema(target).equals(schema):
            write_parquet(target, schema.empty_table(), sort_by=[])
