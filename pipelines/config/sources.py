"""`sources.yml`: which deliveries come, which of their files are what, and how their payers are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipelines.config.marked_yaml import KeyPath, MarkedYaml, read_marked_yaml
from pipelines.config.measured import nearest, read_measured_number
from pipelines.config.model import TEST_PATIENTS, FilePattern, SourceProfile
from pipelines.config.source_claims import read_frequency_codes, read_patterns, read_precedence, read_suffix
from pipelines.problems import Problem

FILE = "sources.yml"
KINDS = ("lines", "annual", "directory")
CHANNELS = ("medicare", "medicaid", "commercial", "unknown")
FEEDS = ("open", "closed")
ENTITIES = (
    "medical_claim",
    "part_b_volume",
    "provider",
    "provider_site",
    "provider_name",
    "facility",
    "eligibility",
)
_KNOWN = {
    "kind",
    "token_domain",
    "default_payer_channel",
    "payer_channels",
    "cadence_days",
    "constants",
    "files",
    "feed",
    "precedence",
    "frequency_codes",
    "claim_id_suffix",
    "test_patients",
}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_sources(folder: Path) -> tuple[dict[str, SourceProfile], list[Problem]]:
    """Sources by name. Which layouts exist is landing's knowledge: a layout's name is passed on unchecked.

    Raises InputRefused where the file cannot be read at all.
    """
    document = read_marked_yaml(folder / FILE, FILE)
    entries = document.content.get("sources")
    if not isinstance(entries, dict):
        document.refuse(("sources",), None, "the mapping of sources is missing", "Start with `sources:`.")
        return {}, document.problems
    sources = {}
    for name, entry in entries.items():
        before = len(document.problems)
        source = _source(document, name, entry)
        if source is not None and len(document.problems) == before:
            sources[name] = source
    return sources, document.problems


def _source(document: MarkedYaml, name: str, entry: Any) -> SourceProfile | None:
    path: KeyPath = ("sources", name)
    if not _NAME.fullmatch(name):
        remedy = "Use lower case letters, digits and underscores, beginning with a letter."
        document.refuse(path, name, "the source's name is not a name", remedy)
    if not isinstance(entry, dict):
        document.refuse(path, entry, "a source must be a mapping", "Copy one from a shipped profile.")
        return None
    for key in sorted(entry.keys() - _KNOWN):
        remedy = nearest(key, _KNOWN) + "Remove or rename it."
        document.refuse((*path, key), None, "the key is not known for a source", remedy)
    cadence = read_measured_number(
        document, (*path, "cadence_days"), entry.get("cadence_days"), "days", lowest=1, highest=3660
    )
    channels = _texts(document, (*path, "payer_channels"), entry.get("payer_channels"))
    for text, channel in channels.items():
        _choice(document, (*path, "payer_channels", text), channel, CHANNELS)
    replacement, void = read_frequency_codes(
        document, (*path, "frequency_codes"), entry.get("frequency_codes")
    )
    return SourceProfile(
        source=name,
        kind=_choice(document, (*path, "kind"), entry.get("kind"), KINDS),
        files=_files(document, (*path, "files"), entry.get("files")),
        token_domain=str(entry.get("token_domain") or name),
        default_payer_channel=_choice(
            document, (*path, "default_payer_channel"), entry.get("default_payer_channel"), CHANNELS
        ),
        payer_channels={text.strip().lower(): channel for text, channel in sorted(channels.items())},
        cadence_days=int(cadence or 0),
        constants=_texts(document, (*path, "constants"), entry.get("constants")),
        feed=_choice(document, (*path, "feed"), entry.get("feed", "closed"), FEEDS),
        precedence=read_precedence(document, (*path, "precedence"), entry.get("precedence")),
        replacement_codes=replacement,
        void_codes=void,
        claim_id_suffix=read_suffix(document, (*path, "claim_id_suffix"), entry.get("claim_id_suffix")),
        test_patients=read_patterns(document, (*path, "test_patients"), entry["test_patients"])
        if "test_patients" in entry
        else TEST_PATIENTS,
    )


def _choice(document: MarkedYaml, path: KeyPath, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        remedy = "Use one of: " + ", ".join(allowed) + "."
        document.refuse(path, value, "the value is not in the list", remedy)
    return str(value)


def _texts(document: MarkedYaml, path: KeyPath, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or any(isinstance(item, dict | list) for item in value.values()):
        document.refuse(path, None, "a mapping of names to single values is expected", "Write `name: value`.")
        return {}
    return {str(key): str(item) for key, item in value.items()}


def _files(document: MarkedYaml, path: KeyPath, value: Any) -> tuple[FilePattern, ...]:
    remedy = "Write `- {glob: medical_claim*.csv, entity: medical_claim, layout: tuva}`."
    if not isinstance(value, list) or not value:
        document.refuse(path, None, "the source has no files", remedy)
        return ()
    patterns = []
    for i, item in enumerate(value):
        parts = {"glob", "entity", "layout"}
        if not isinstance(item, dict) or set(item) != parts or not all(item.values()):
            document.refuse((*path, i), None, "a file needs glob, entity and layout, no more", remedy)
            continue
        _choice(document, (*path, i, "entity"), item["entity"], ENTITIES)
        patterns.append(FilePattern(str(item["glob"]), str(item["entity"]), str(item["layout"])))
    return tuple(patterns)
