"""File hashes remembered by path, size and time of change, so that looking at a big inbox is cheap.

A cache and nothing else: losing it costs time, and landing hashes the bytes it reads anyway.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.atomic_files import read_json, sha256_of_file, write_json


class FileHashes:
    """SHA-256 of files, remembered in one JSON file. Call `save` after a round of look-ups."""

    def __init__(self, remembered_in: Path):
        self._path = remembered_in
        self._known = self._load()
        self._used: dict[str, list[object]] = {}

    def of(self, path: Path) -> str:
        """The hash of `path`, read anew only if size or time of change differ. OSError if it is gone."""
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns]
        key = str(path)
        known = self._used.get(key) or self._known.get(key)
        if not known or known[:2] != stamp:
            known = [*stamp, sha256_of_file(path)]
        self._used[key] = known
        return str(known[2])

    def save(self) -> None:
        """Remember the files asked for since loading, forget the others. A cache that cannot be written is no
        harm.
        """
        if self._used == self._known:
            return
        try:
            write_json(self._path, self._used)
        except OSError:
            return
        self._known = dict(self._used)

    def _load(self) -> dict[str, list[object]]:
        try:
            known = read_json(self._path)
        except (OSError, ValueError):
            return {}
        if not isinstance(known, dict):
            return {}
        return {key: entry for key, entry in known.items() if isinstance(entry, list) and len(entry) == 3}
