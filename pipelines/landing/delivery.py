"""What lies in the inbox: a delivery is one folder of data files, with or without a manifest.

Finding is cheap (names and remembered hashes); identifying reads the manifest, or makes one from the data.
Nothing is ever written into the inbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from pipelines.atomic_files import sha256_of_file, sha256_of_json
from pipelines.config.model import BusinessConfig
from pipelines.landing.file_hashes import FileHashes
from pipelines.landing.intake import is_data_file
from pipelines.landing.made_manifest import make_manifest
from pipelines.landing.manifest import (
    MANIFEST_NAME,
    UNFINISHED_MANIFEST_NAME,
    Manifest,
    listed_names,
    read_manifest,
)
from pipelines.problems import InputRefused, Problem

UNFINISHED_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".crdownload")
ManifestOrigin = Literal["delivered", "made"]


@dataclass(frozen=True)
class DeliveredFile:
    """A data file with the SHA-256 of its bytes, whatever a manifest says."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class FoundDelivery:
    """A delivery folder as it lies there. `unfinished` says what is still to come; then it cannot be landed.

    `content_hash` is over the files' hashes alone: names do not matter. `delivery_hash` adds the manifest.
    """

    folder: Path
    manifest_bytes: bytes | None
    files: tuple[DeliveredFile, ...]
    not_listed: tuple[str, ...]
    unfinished: tuple[Problem, ...]

    @property
    def content_hash(self) -> str:
        return sha256_of_json(sorted(file.sha256 for file in self.files))

    @property
    def delivery_hash(self) -> str:
        manifest = (
            hashlib.sha256(self.manifest_bytes).hexdigest() if self.manifest_bytes is not None else None
        )
        return sha256_of_json([self.content_hash, manifest])


@dataclass(frozen=True)
class Delivery:
    """A finished delivery with its manifest. `problems` forbid to land it as a whole (then `manifest` may be
    None).

    `refresh_id` is the one it will be landed as; an amendment's has `+2`, `+3`, … after the manifest's.
    """

    found: FoundDelivery
    refresh_id: str
    manifest: Manifest | None
    manifest_origin: ManifestOrigin
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        return self.found.folder.name

    @property
    def order(self) -> tuple[date, str, str, str]:
        """Deliveries are landed in this order; those that cannot be read come last."""
        known_on = self.manifest.known_on if self.manifest else date.max
        return (known_on, self.refresh_id, self.found.content_hash, self.name)


def find_deliveries(inbox: Path, hashes: FileHashes) -> list[FoundDelivery]:
    """All delivery folders, by name. Folders whose names start with a dot are somebody's work in progress."""
    if not inbox.is_dir():
        return []
    folders = sorted(path for path in inbox.iterdir() if path.is_dir() and not path.name.startswith("."))
    found = [find_delivery(folder, hashes) for folder in folders]
    hashes.save()
    return found


def find_delivery(folder: Path, hashes: FileHashes | None = None) -> FoundDelivery:
    """One delivery folder; if it cannot be read, that is what is unfinished. Without `hashes`, every file is read."""
    try:
        return _look_into(folder, hashes)
    except OSError as error:  # no right to read it, or it vanished while it was looked at
        problem = _unfinished(
            folder, "", f"cannot be read: {error.strerror}", "Allow reading it, or remove it."
        )
        return FoundDelivery(folder, None, (), (), (problem,))


def _look_into(folder: Path, hashes: FileHashes | None) -> FoundDelivery:
    hash_of = hashes.of if hashes else sha256_of_file
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    unfinished = [
        _unfinished(folder, name, "is still being written", "Wait, or rename it once it is whole.")
        for name in names
        if name == UNFINISHED_MANIFEST_NAME or name.lower().endswith(UNFINISHED_SUFFIXES)
    ]
    data_names = [name for name in names if is_data_file(name)]
    manifest_bytes = None
    if MANIFEST_NAME in names:
        manifest_bytes = (folder / MANIFEST_NAME).read_bytes()
        listed = listed_names(manifest_bytes)
        unfinished += [
            _unfinished(folder, name, "is listed in the manifest and not there", "Copy it into the folder.")
            for name in listed
            if name not in names
        ]
        data_names = [name for name in dict.fromkeys(listed) if name in names] or data_names
    files = []
    for name in data_names:
        try:
            files.append(DeliveredFile(name, folder / name, hash_of(folder / name)))
        except OSError as error:
            unfinished.append(
                _unfinished(folder, name, f"cannot be read: {error.strerror}", "Copy it again.")
            )
    if not data_names and manifest_bytes is None:
        unfinished.append(
            _unfinished(folder, "", "holds no data file", "Copy the files into it, or remove it.")
        )
    known = {MANIFEST_NAME, UNFINISHED_MANIFEST_NAME, *data_names}
    not_listed = tuple(name for name in names if name not in known)
    return FoundDelivery(folder, manifest_bytes, tuple(files), not_listed, tuple(unfinished))


def _unfinished(folder: Path, name: str, what: str, remedy: str) -> Problem:
    return Problem(
        f"{folder.name}/{name}" if name else folder.name,
        "whole file" if name else "whole folder",
        "",
        f"{name or 'the folder'} {what}; the delivery waits",
        remedy,
    )


def identify(found: FoundDelivery, config: BusinessConfig) -> Delivery:
    """Read the manifest, or make one, and check it against the configured sources."""
    origin: ManifestOrigin = "delivered" if found.manifest_bytes is not None else "made"
    manifest: Manifest | None = None
    problems: list[Problem] = []
    try:
        if found.manifest_bytes is not None:
            manifest = read_manifest(found.manifest_bytes, f"{found.folder.name}/{MANIFEST_NAME}")
            problems += _unknown_source(found, manifest, config)
        else:
            paths = {file.name: (file.path, file.sha256) for file in found.files}
            manifest = make_manifest(found.folder.name, paths, config)
    except InputRefused as refusal:
        problems += refusal.problems
    refresh_id = manifest.refresh_id if manifest else f"unreadable.{found.delivery_hash[:12]}"
    return Delivery(found, refresh_id, manifest, origin, tuple(problems))


def _unknown_source(found: FoundDelivery, manifest: Manifest, config: BusinessConfig) -> Iterable[Problem]:
    if manifest.source not in config.sources:
        known = ", ".join(sorted(config.sources)) or "none"
        yield Problem(
            f"{found.folder.name}/{MANIFEST_NAME}",
            "key source",
            manifest.source,
            f"the source is not configured (configured: {known})",
            "Add it to the configured sources, or correct the manifest.",
        )


def as_it_is_now(delivery: Delivery, config: BusinessConfig) -> Delivery:
    """The delivery with every byte hashed again: landed is what lies there, not what was remembered."""
    found = find_delivery(delivery.found.folder)
    if (found.delivery_hash, found.files) == (delivery.found.delivery_hash, delivery.found.files):
        return replace(delivery, found=found)
    return identify(found, config)
