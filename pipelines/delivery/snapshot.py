"""Freezing the marts into a folder of files: built aside, manifest last, the same bytes for the same marts.

A snapshot folder holds `claimline.duckdb` (the marts as tables of schema `main`, plus `mart_snapshot`: one
row that says which snapshot this is), `parquet/<mart>.parquet`, `geo/units.parquet` and
`geo/territories.parquet` (GeoParquet), `report.html` and `manifest.json`. Its identity is
`<as_of_refresh>-<hash of the tables>`: no clock, no machine.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import pandas as pd
import pyarrow as pa

from pipelines.atomic_files import sha256_of_file, sha256_of_json, write_json, write_parquet, write_text
from pipelines.delivery.geo_layers import territory_layer, unit_layer, write_geo_parquet
from pipelines.delivery.marts import canonical_table
from pipelines.delivery.report.render import render_report

DATABASE = "claimline.duckdb"
MANIFEST = "manifest.json"
REPORT = "report.html"
IDENTITY_TABLE = "mart_snapshot"
REQUIRED_FACTS = ("as_of_refresh", "data_through", "input_hash", "config_hash", "plan_id")
MANIFEST_VERSION = 1
STAGING = ".staging"


@dataclass(frozen=True)
class Snapshot:
    """A finished but unpublished snapshot: its folder under `published/.staging/` and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def snapshot_id(self) -> str:
        return str(self.manifest["snapshot_id"])

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @property
    def report(self) -> Path:
        return self.folder / REPORT


def build_snapshot(
    marts: Mapping[str, pa.Table],
    polygons: gpd.GeoDataFrame | None,
    manifest_facts: Mapping[str, Any],
    published: Path,
    *,
    sort_by: Mapping[str, Sequence[str]] | None = None,
) -> Snapshot:
    """Write everything consumers read into a staging folder beside the published snapshots.

    `marts`: mart name → Arrow table, suppressed already. `polygons`: `unit_id, geometry` in degrees, or None
    where units are points. `manifest_facts` must hold `as_of_refresh, data_through, input_hash, config_hash,
    plan_id` (a value may be None where there is none) and may hold more that is true of the data; all goes
    into the manifest. `sort_by`: leading sort columns per mart. Raises `ValueError` on missing facts or a
    mart not named `mart_…`.
    """
    if missing := [name for name in REQUIRED_FACTS if name not in manifest_facts]:
        raise ValueError(f"the manifest needs {', '.join(missing)}")
    if wrong := sorted(name for name in marts if not name.startswith("mart_") or name == IDENTITY_TABLE):
        raise ValueError(f"only marts are published, and {', '.join(wrong)} cannot be one")
    remove_leftovers(published)
    folder = published / STAGING / f"build-{os.getpid()}"
    folder.mkdir(parents=True)

    keys = sort_by or {}
    tables = {name: canonical_table(marts[name], keys.get(name, ())) for name in sorted(marts)}
    described = {name: _write_table(folder, name, table) for name, table in tables.items()}
    snapshot_hash = sha256_of_json({name: facts["sha256"] for name, facts in described.items()})
    identity = {
        "snapshot_id": f"{_folder_name(str(manifest_facts['as_of_refresh']))}-{snapshot_hash[:12]}",
        "snapshot_hash": snapshot_hash,
        **{name: _plain(manifest_facts[name]) for name in REQUIRED_FACTS},
    }
    _write_database(folder / DATABASE, tables, identity)

    frames = {name: as_frame(table) for name, table in tables.items()}
    written = _write_geography(folder, frames, polygons)
    manifest: dict[str, Any] = {
        "manifest_version": MANIFEST_VERSION,
        **{name: _plain(value) for name, value in sorted(manifest_facts.items())},
        **identity,
        "tables": described,
    }
    write_text(folder / REPORT, render_report(frames, manifest, polygons))
    written[REPORT] = {"sha256": sha256_of_file(folder / REPORT)}
    manifest["files"] = written
    _flush(folder)
    write_json(folder / MANIFEST, manifest)
    return Snapshot(folder, manifest)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """A pandas copy for drawing and telling: decimals become floats, which is enough to show but not to add
    up.
    """
    columns = [
        column.cast(pa.float64()) if pa.types.is_decimal(column.type) else column for column in table.columns
    ]
    return pa.table(columns, names=table.column_names).to_pandas()


def remove_leftovers(published: Path) -> list[str]:
    """Delete what killed builds left in the staging area. Returns the names removed.

    A folder of another process that is still alive is left alone; one of this process is a failed earlier
    attempt.
    """
    staging = published / STAGING
    removed = []
    for leftover in sorted(staging.iterdir()) if staging.is_dir() else []:
        owner = re.search(r"-(\d+)$", leftover.name)
        if owner and int(owner[1]) != os.getpid() and _is_alive(int(owner[1])):
            continue
        shutil.rmtree(leftover)
        removed.append(leftover.name)
    return removed


def _write_table(folder: Path, name: str, table: pa.Table) -> dict[str, Any]:
    path = write_parquet(folder / "parquet" / f"{name}.parquet", table, sort_by=[])
    columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
    return {"rows": table.num_rows, "sha256": sha256_of_file(path), "columns": columns}


def _write_database(path: Path, tables: Mapping[str, pa.Table], identity: Mapping[str, Any]) -> None:
    """One file with the marts in schema `main`; closed, and so complete on disk, when this returns."""
    texts = {
        name: pa.array([None if value is None else str(value)], pa.string())
        for name, value in identity.items()
    }
    with duckdb.connect(str(path)) as connection:
        for name, table in {**tables, IDENTITY_TABLE: pa.table(texts)}.items():
            connection.register("incoming", table)
            connection.execute(f'create table main."{name}" as select * from incoming')
            connection.unregister("incoming")
        connection.execute("checkpoint")


def _write_geography(
    folder: Path, frames: Mapping[str, pd.DataFrame], polygons: gpd.GeoDataFrame | None
) -> dict[str, Any]:
    """GeoParquet of units (areas, or points where no areas are known) and of territories (areas only)."""
    assignment = frames.get("mart_unit_assignment")
    units = None if assignment is None else unit_layer(assignment, polygons)
    if units is None:
        return {}
    layers = {"geo/units.parquet": units, "geo/territories.parquet": territory_layer(units)}
    return {
        name: {"rows": len(layer), "sha256": sha256_of_file(write_geo_parquet(folder / name, layer))}
        for name, layer in layers.items()
        if layer is not None
    }


def _flush(folder: Path) -> None:
    """All else is on disk before the manifest says so; and no consumer writes by accident."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
            path.chmod(0o444)


def _folder_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") or "snapshot"


def _plain(value: Any) -> Any:
    """Dates as ISO text; everything else as it is."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
