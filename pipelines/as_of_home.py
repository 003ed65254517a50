"""A data home as it was at an earlier refresh: what was landed, configured, decided and planned until then.

Belongs here: which files of a home belong to the past of a refresh, and a second home made of links to them. Does not
belong here: running anything in it (`dagster_project.as_of`). Nothing is copied but small files: raw Parquet is
immutable, so a hard link is as good as a copy.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.atomic_files import read_json, write_json
from pipelines.data_home import DataHome
from pipelines.delivery.publication import SNAPSHOTS
from pipelines.delivery.snapshot import MANIFEST
from pipelines.landing.registry import RefreshRegistry
from pipelines.problems import InputRefused, Problem

IDENTITY = ("snapshot_id", "snapshot_hash", "input_hash", "config_hash", "plan_id")


@dataclass(frozen=True)
class Published:
    """What was published as of a refresh: kept for ever, also when the snapshot itself has been forgotten."""

    snapshot_id: str
    snapshot_hash: str
    input_hash: str
    config_hash: str
    plan_id: str | None


def keep_business_files(home: DataHome, config_hash: str) -> Path:
    """Keep the business files under the hash of what they say, so that a replay reads what was read then."""
    kept = _kept_files(home, config_hash)
    if not kept.is_dir():
        unfinished = kept.with_name(f".{config_hash}.copying")
        shutil.rmtree(unfinished, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(home.config, unfinished)
        os.replace(unfinished, kept)
    return kept


def keep_publication(home: DataHome, manifest: dict[str, Any]) -> Path:
    """Note which snapshot a refresh led to; the last one of a refresh is the one that counts."""
    return write_json(
        _note(home, str(manifest["as_of_refresh"])), {name: manifest[name] for name in IDENTITY}
    )


def publication_of(home: DataHome, refresh_id: str) -> Published:
    """What was published as of a refresh. Raises InputRefused where nothing was."""
    note = _note(home, refresh_id)
    if not note.is_file():
        known = ", ".join(path.stem for path in sorted(note.parent.glob("*.json"))) or "none yet"
        remedy = f"Name one of the refreshes that were published: {known}."
        raise InputRefused(
            [Problem("registry", "refresh", refresh_id, "nothing was published as of it", remedy)]
        )
    return Published(**read_json(note))


def home_as_of(home: DataHome, refresh_id: str, folder: Path) -> DataHome:
    """A home in `folder` (emptied first) in which `refresh_id` has just been landed and nothing later is known.

    Decision, plan and snapshot of the refresh itself are left out: they are what a replay makes again. Raises
    InputRefused where the refresh was never published, or the business files of that day are gone.
    """
    published = publication_of(home, refresh_id)
    kept = _kept_files(home, published.config_hash)
    if not kept.is_dir():
        remedy = "Put the files of that day back into the folder."
        raise InputRefused(
            [Problem(str(kept), "folder", refresh_id, "the business files of that day are gone", remedy)]
        )
    order = [receipt.refresh_id for receipt in RefreshRegistry(home).accepted()]
    until = order[: order.index(refresh_id) + 1]
    before = until[:-1]

    then = DataHome.at(folder)
    shutil.rmtree(then.root, ignore_errors=True)
    shutil.copytree(kept, then.config)
    _link(home, then, (home.registry / f"{name}.json" for name in until))
    for table in sorted((home.lake / "raw").iterdir()):
        _link(home, then, (table / name for name in until))
    _link(home, then, (home.plans / name for name in before))
    _link(home, then, (home.decisions / f"{name}.json" for name in before))
    _link(home, then, (_note(home, name) for name in before))
    _link(home, then, (home.published_cells / name for name in before))
    _link(home, then, _snapshots_of(home, frozenset(before)))
    return then


def _snapshots_of(home: DataHome, refreshes: frozenset[str]) -> list[Path]:
    manifests = sorted((home.published / SNAPSHOTS).glob(f"*/{MANIFEST}"))
    return [path.parent for path in manifests if read_json(path)["as_of_refresh"] in refreshes]


def _link(home: DataHome, then: DataHome, paths: Iterable[Path]) -> None:
    """Link files, and folders with all that is in them, to the same place in the other home."""
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in (file for file in files if file.is_file()):
            target = then.root / file.relative_to(home.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, target)
            except OSError:  # another file system
                shutil.copy2(file, target)


def _kept_files(home: DataHome, config_hash: str) -> Path:
    return home.lake / "business_files" / config_hash


def _note(home: DataHome, refresh_id: str) -> Path:
    return home.lake / "publications" / f"{refresh_id}.json"
