"""Deliveries of a written market in another layout: the same refreshes, directories as they were, claims rewritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipelines.atomic_files import read_json, sha256_of_file, write_json, write_text
from pipelines.market_simulator.layouts import rif, vendor_flat, x12
from pipelines.market_simulator.layouts.common_ground import as_text, common_claims

CLAIMS, MANIFEST = "medical_claim", "manifest.json"
LAYOUTS = ("tuva", "tuva_csv", "cms_rif", "x12_837", "vendor_flat")
Written = list[tuple[Path, str, int]]


def deliver_in_layout(folders: list[Path], inbox: Path, layout: str) -> list[Path]:
    """Write the Parquet deliveries in `folders` into `inbox` in one of LAYOUTS; the new folders.

    For `vendor_flat`, the description that landing needs is `inbox/layouts/simulated_flat.yml`, to be copied into the
    business files.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"{layout} is none of {', '.join(LAYOUTS)}")
    if layout == "vendor_flat":
        write_text(inbox / "layouts" / f"{vendor_flat.LAYOUT}.yml", vendor_flat.DESCRIPTION)
    return [_deliver(folder, inbox / folder.name, layout) for folder in folders]


def _deliver(folder: Path, target: Path, layout: str) -> Path:
    target.mkdir(parents=True)
    manifest = read_json(folder / MANIFEST)
    entries = []
    for entry in manifest["files"]:
        if entry["entity"] != CLAIMS:
            shutil.copyfile(folder / entry["name"], target / entry["name"])
            entries.append(entry)
    for path, said, rows in _write_claims(folder / f"{CLAIMS}.parquet", target, layout):
        entries.append(
            {
                "name": path.name,
                "entity": CLAIMS,
                "layout": said,
                "sha256": sha256_of_file(path),
                "rows": rows,
            }
        )
    write_json(target / MANIFEST, manifest | {"files": entries})
    return target


def _write_claims(source: Path, target: Path, layout: str) -> Written:
    claims = common_claims(source)
    if layout == "tuva":
        pq.write_table(claims, target / f"{CLAIMS}.parquet", compression="zstd")
        return [(target / f"{CLAIMS}.parquet", "tuva", claims.num_rows)]
    if layout == "tuva_csv":
        pa_csv.write_csv(claims, target / f"{CLAIMS}.csv")
        return [(target / f"{CLAIMS}.csv", "tuva", claims.num_rows)]
    texts = as_text(claims)
    if layout == "x12_837":
        return [(write_text(target / x12.FILE, x12.x12_file(texts)), x12.LAYOUT, len(texts))]
    if layout == "vendor_flat":
        rows = vendor_flat.flat_rows(texts)
        return [
            (_write(target / vendor_flat.FILE, rows, vendor_flat.DELIMITER), vendor_flat.LAYOUT, len(rows))
        ]
    return [
        (_write(target / name, rows, "|"), said, len(rows))
        for name, (said, rows) in rif.rif_files(texts).items()
    ]


def _write(path: Path, rows: pd.DataFrame, delimiter: str) -> Path:
    return write_text(path, rows.to_csv(sep=delimiter, index=False, lineterminator="\n"))
