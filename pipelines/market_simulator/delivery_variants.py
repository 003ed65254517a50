"""The same market delivered otherwise: contents in another order, files twice, a refresh in parts.

Belongs here: rewriting written deliveries so that every row still arrives and the truth stays what it is. Small markets
only: claim files are read whole. Does not belong here: making rows.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipelines.atomic_files import read_json, sha256_of_file, write_json

CLAIMS = "medical_claim"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class DeliveryVariant:
    """How refreshes arrive. Rows within a file are always shuffled.

    `shuffles_contents`: the claim files of a source change places among its refreshes, so that replacements, voids and
    re-sends may come before what they change; all become known in the last days before the last one, since no delivery
    tells of services to come. `files`: every claim file in so many files. `deliveries`: every refresh in
    so many delivery folders of one date. `repeats`: so many refreshes of each source come again at the end, once with
    the same bytes under another name, and once with the same rows in other bytes.
    """

    seed: int = 0
    shuffles_contents: bool = False
    files: int = 1
    deliveries: int = 1
    repeats: int = 0


def deliver_otherwise(folders: list[Path], inbox: Path, variant: DeliveryVariant) -> list[Path]:
    """Write the deliveries in `folders` into `inbox` as `variant` says; the new folders."""
    rng = np.random.default_rng([variant.seed, 77])
    written: list[Path] = []
    for source in sorted({read_json(folder / MANIFEST)["source"] for folder in folders}):
        mine = [folder for folder in folders if read_json(folder / MANIFEST)["source"] == source]
        contents = list(rng.permutation(len(mine))) if variant.shuffles_contents else list(range(len(mine)))
        last_known = date.fromisoformat(read_json(mine[-1] / MANIFEST)["known_on"])
        for number, (folder, content) in enumerate(zip(mine, contents, strict=True)):
            manifest = read_json(folder / MANIFEST)
            if variant.shuffles_contents:
                known_on = last_known - timedelta(days=len(mine) - 1 - number)
                manifest["known_on"] = known_on.isoformat()
            written += _deliver(folder, manifest, _claims(mine[content]), inbox, variant, rng)
        for number in range(variant.repeats):
            written += _repeat(mine[number % len(mine)], mine[-1], inbox, rng)
    return written


def _claims(folder: Path) -> pa.Table:
    (path,) = folder.glob(f"{CLAIMS}.*")
    return pa_csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)


def _deliver(
    folder: Path,
    manifest: dict[str, Any],
    claims: pa.Table,
    inbox: Path,
    variant: DeliveryVariant,
    rng: np.random.Generator,
) -> list[Path]:
    shuffled = claims.take(rng.permutation(claims.num_rows))
    others = [entry for entry in manifest["files"] if entry["entity"] != CLAIMS]
    written = []
    for part in range(variant.deliveries):
        share = _part(shuffled, part, variant.deliveries)
        tables = {
            f"{CLAIMS}_{number + 1}.parquet": _part(share, number, variant.files)
            for number in range(variant.files)
        }
        refresh_id = manifest["refresh_id"] + (f".part{part + 1}" if variant.deliveries > 1 else "")
        written.append(_write(inbox / refresh_id, manifest, tables, others if part == 0 else [], folder))
    return written


def _repeat(folder: Path, last: Path, inbox: Path, rng: np.random.Generator) -> list[Path]:
    """An earlier delivery again, known when the last one was: the same bytes, and the same rows in other bytes."""
    (path,) = folder.glob(f"{CLAIMS}.*")
    manifest = read_json(last / MANIFEST) | {"service_from": None, "service_to": None}
    refresh_id = f"{read_json(folder / MANIFEST)['refresh_id']}.again"
    again = inbox / f"{refresh_id}.same"
    again.mkdir(parents=True)
    shutil.copyfile(path, again / f"copy_of_{path.name}")
    entry = _entry(again / f"copy_of_{path.name}", pq.read_metadata(path).num_rows)
    write_json(again / MANIFEST, manifest | {"refresh_id": again.name, "files": [entry]})
    claims = _claims(folder)
    tables = {f"{CLAIMS}_again.parquet": claims.take(rng.permutation(claims.num_rows))}
    return [again, _write(inbox / f"{refresh_id}.rewritten", manifest, tables, [], folder)]


def _part(table: pa.Table, number: int, parts: int) -> pa.Table:
    edges = np.linspace(0, table.num_rows, parts + 1).astype(int)
    return table.slice(edges[number], edges[number + 1] - edges[number])


def _write(
    target: Path,
    manifest: dict[str, Any],
    tables: dict[str, pa.Table],
    others: list[dict[str, Any]],
    folder: Path,
) -> Path:
    target.mkdir(parents=True)
    entries = []
    for name, table in tables.items():
        pq.write_table(table, target / name, compression="zstd")
        entries.append(_entry(target / name, table.num_rows))
    for other in others:
        shutil.copyfile(folder / other["name"], target / other["name"])
    span = {"service_from": None, "service_to": None}
    write_json(target / MANIFEST, manifest | span | {"refresh_id": target.name, "files": [*entries, *others]})
    return target


def _entry(path: Path, rows: int) -> dict[str, Any]:
    return {
        "name": path.name,
        "entity": CLAIMS,
        "layout": "tuva",
        "sha256": sha256_of_file(path),
        "rows": rows,
    }
