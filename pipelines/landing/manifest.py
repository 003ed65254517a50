"""The manifest of a delivery: what the sender says it is. Reading one means checking every key of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.landing.refusal import refusal
from pipelines.problems import InputRefused, Problem

MANIFEST_NAME = "manifest.json"
UNFINISHED_MANIFEST_NAME = "manifest.json.tmp"
MANIFEST_VERSION = 1
# A refresh id names folders; "+" is kept for amendments.
REFRESH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ManifestFile:
    """One file. Entity and layout may be left to the source's patterns, rows unsaid."""

    name: str
    entity: str | None
    layout: str | None
    sha256: str
    rows: int | None


@dataclass(frozen=True)
class Manifest:
    """A delivery as its sender describes it; dates of service are inclusive and may be unsaid."""

    source: str
    refresh_id: str
    known_on: date
    files: tuple[ManifestFile, ...]
    service_from: date | None = None
    service_to: date | None = None
    code_sets: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The content of manifest.json."""
        return {
            "manifest_version": MANIFEST_VERSION,
            "source": self.source,
            "refresh_id": self.refresh_id,
            "known_on": self.known_on.isoformat(),
            "service_from": self.service_from.isoformat() if self.service_from else None,
            "service_to": self.service_to.isoformat() if self.service_to else None,
            "code_sets": dict(sorted(self.code_sets.items())),
            "files": [
                {
                    "name": file.name,
                    "entity": file.entity,
                    "layout": file.layout,
                    "sha256": file.sha256,
                    "rows": file.rows,
                }
                for file in self.files
            ],
        }


def listed_names(content: bytes) -> list[str]:
    """The file names a manifest lists, as far as it can be read; [] if it cannot."""
    try:
        files = json.loads(content).get("files", [])
        return [file["name"] for file in files if is_plain_name(file["name"])]
    except (ValueError, AttributeError, KeyError, TypeError):
        return []


def is_plain_name(name: object) -> bool:
    """A file name without folders: a manifest may not point out of its delivery."""
    return (
        isinstance(name, str) and bool(name) and not re.search(r"[/\\\0]", name) and name not in (".", "..")
    )


def read_manifest(content: bytes, file: str) -> Manifest:
    """Parse and check a manifest. Raises InputRefused with every problem; `file` is its name in them."""
    try:
        said = json.loads(content)
    except ValueError as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "whole file"
        raise refusal(
            file, place, "", f"the manifest is not JSON: {error}", "Write it as UTF-8 JSON."
        ) from error
    if not isinstance(said, dict):
        raise refusal(
            file, "whole file", "", "the manifest is not a JSON object", "See docs/architecture.md."
        )
    check = _Checks(file)
    if said.get("manifest_version") != MANIFEST_VERSION:
        check.fail(
            "manifest_version", said.get("manifest_version"), "unknown version", f"Write {MANIFEST_VERSION}."
        )
    source = check.text(said, "source", re.compile(r".+"), "the id of a configured source")
    refresh_id = check.text(said, "refresh_id", REFRESH_ID, "letters, digits, dot, hyphen and underscore")
    known_on = check.date(said, "known_on", required=True)
    service_from = check.date(said, "service_from")
    service_to = check.date(said, "service_to")
    code_sets = said.get("code_sets") or {}
    if not isinstance(code_sets, dict):
        check.fail(
            "code_sets", code_sets, "not an object of names and versions", 'Write {"icd10cm": "2026"}.'
        )
        code_sets = {}
    files = check.files(said)
    if check.problems:
        raise InputRefused(check.problems)
    return Manifest(
        source=source,
        refresh_id=refresh_id,
        known_on=known_on or date.min,
        files=tuple(files),
        service_from=service_from,
        service_to=service_to,
        code_sets={str(name): str(version) for name, version in sorted(code_sets.items())},
    )


class _Checks:
    """Collects the problems of one manifest while its keys are read."""

    def __init__(self, file: str):
        self.file = file
        self.problems: list[Problem] = []

    def fail(self, key: str, value: object, message: str, remedy: str) -> None:
        shown = "" if value is None else str(value)[:80]
        self.problems.append(Problem(self.file, f"key {key}", shown, message, remedy))

    def text(self, said: Mapping[str, Any], key: str, shape: re.Pattern[str], meaning: str) -> str:
        value = said.get(key)
        if not isinstance(value, str) or not shape.fullmatch(value):
            self.fail(key, value, f"missing or not {meaning}", f"Write {meaning}.")
            return ""
        return value

    def date(self, said: Mapping[str, Any], key: str, *, required: bool = False) -> date | None:
        value = said.get(key)
        if value is None and not required:
            return None
        try:
            return date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            self.fail(key, value, "missing or not a date", "Write it as YYYY-MM-DD.")
            return None

    def files(self, said: Mapping[str, Any]) -> list[ManifestFile]:
        listed = said.get("files")
        if not isinstance(listed, list) or not listed:
            self.fail("files", listed, "no files are listed", "List every file with name, sha256 and rows.")
            return []
        files = [self.one_file(entry, f"files[{place}]") for place, entry in enumerate(listed)]
        names = [file.name for file in files]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.fail("files", name, "the file is listed more than once", "List it once.")
        return files

    def one_file(self, entry: object, key: str) -> ManifestFile:
        if not isinstance(entry, dict):
            self.fail(key, entry, "not an object", "Write name, entity, layout, sha256 and rows.")
            return ManifestFile("", None, None, "", None)
        name, sha256, rows = entry.get("name"), entry.get("sha256"), entry.get("rows")
        if not is_plain_name(name):
            self.fail(f"{key}.name", name, "not a plain file name", "Name a file beside the manifest.")
        if not isinstance(sha256, str) or not SHA256.fullmatch(sha256.lower()):
            self.fail(
                f"{key}.sha256", sha256, "not a SHA-256", "Write the 64 hex digits of the file's SHA-256."
            )
        if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int) or rows < 0):
            self.fail(
                f"{key}.rows", rows, "not a number of rows", "Write the rows without the header, or null."
            )
            rows = None
        for choice in ("entity", "layout"):
            if entry.get(choice) is not None and not isinstance(entry[choice], str):
                self.fail(
                    f"{key}.{choice}", entry[choice], "not a name", f"Write the {choice}'s name, or null."
                )
        return ManifestFile(str(name), entry.get("entity"), entry.get("layout"), str(sha256).lower(), rows)
