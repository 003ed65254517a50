"""Letting consumers see a snapshot: audit, move, swap the `current` link in one step, forget the oldest.

Consumers follow `published/current`, a relative symlink. It is replaced by one `os.replace`, so a reader sees
the old snapshot or the new one and nothing between. If an audit finds anything, nothing moves: yesterday's
snapshot stays.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.atomic_files import read_json
from pipelines.delivery.audits import BUILT_IN_CHECKS, AuditCheck
from pipelines.delivery.snapshot import MANIFEST, STAGING, Snapshot
from pipelines.problems import Problem

CURRENT = "current"
SNAPSHOTS = "snapshots"
KEPT_SNAPSHOTS = 12


class PublishRefused(RuntimeError):
    """Raised when an audit found something; carries every problem. The published snapshot is untouched."""

    def __init__(self, snapshot_id: str, problems: Iterable[Problem]):
        self.problems = list(problems)
        reasons = "\n".join(f"- {problem.sentence()}" for problem in self.problems)
        super().__init__(f"snapshot {snapshot_id} is not published; the previous one stays:\n{reasons}")


@dataclass(frozen=True)
class Publication:
    """What `publish` did: the folder now current, whether it had been there already, and which were
    forgotten.
    """

    folder: Path
    was_there: bool
    forgotten: tuple[str, ...]


def audit(snapshot: Snapshot, checks: Sequence[AuditCheck] = ()) -> list[Problem]:
    """Every problem found by the built-in checks and by `checks`, each a function `Snapshot → problems`."""
    return [problem for check in (*BUILT_IN_CHECKS, *checks) for problem in check(snapshot)]


def publish(
    snapshot: Snapshot,
    published: Path,
    *,
    checks: Sequence[AuditCheck] = (),
    retain: int = KEPT_SNAPSHOTS,
) -> Publication:
    """Audit the staged snapshot, move it to `published/snapshots/<id>` and make it `published/current`.

    An identical snapshot already there is used instead of the staged one. The same tables under other facts
    (another input hash, a newer report) become a further edition, `<id>.2`: a published folder never changes.
    Of all snapshots the newest `retain` stay, and never is the current one or a younger one removed. Raises
    `PublishRefused`.
    """
    if problems := audit(snapshot, checks):
        raise PublishRefused(snapshot.snapshot_id, problems)
    home = published / SNAPSHOTS
    home.mkdir(parents=True, exist_ok=True)
    folder, was_there = _place_for(snapshot, home)
    if was_there:
        shutil.rmtree(snapshot.folder)
    else:
        os.replace(snapshot.folder, folder)
        _flush_folder(home)
    _point_current_at(folder, published)
    return Publication(folder, was_there, tuple(_forget_oldest(published, folder, retain)))


def read_current(published: Path) -> dict[str, Any] | None:
    """The manifest of the snapshot that consumers see, or None before the first publication."""
    path = published / CURRENT / MANIFEST
    return read_json(path) if path.is_file() else None


def _place_for(snapshot: Snapshot, home: Path) -> tuple[Path, bool]:
    """The folder to publish in, and whether the very same snapshot is in it already."""
    edition = 1
    while True:
        folder = home / (snapshot.snapshot_id if edition == 1 else f"{snapshot.snapshot_id}.{edition}")
        if not folder.exists():
            return folder, False
        manifest = folder / MANIFEST
        if manifest.is_file() and manifest.read_bytes() == (snapshot.folder / MANIFEST).read_bytes():
            return folder, True
        edition += 1


def _point_current_at(folder: Path, published: Path) -> None:
    """One atomic rename of a symlink over a symlink; relative, so that the data home can be moved."""
    link = published / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(SNAPSHOTS) / folder.name, target_is_directory=True)
    os.replace(link, published / CURRENT)
    _flush_folder(published)


def _forget_oldest(published: Path, current: Path, retain: int) -> list[str]:
    """Remove snapshots older than the current one beyond the newest `retain`.

    Age is the age of the manifest file. A snapshot leaves by a rename first, so that none is ever seen half
    gone.
    """
    manifests = (published / SNAPSHOTS).glob(f"*/{MANIFEST}")
    newest_first = sorted(
        manifests, key=lambda path: (path.stat().st_mtime_ns, path.parent.name), reverse=True
    )
    age_order = [path.parent.name for path in newest_first]
    older_than_current = set(age_order[age_order.index(current.name) + 1 :])
    leaving = [name for name in age_order[max(retain, 1) :] if name in older_than_current]
    for name in leaving:
        aside = published / STAGING / f"forgotten-{name}-{os.getpid()}"
        aside.parent.mkdir(exist_ok=True)
        os.replace(published / SNAPSHOTS / name, aside)
        shutil.rmtree(aside)
    return leaving


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
