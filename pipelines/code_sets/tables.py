"""The `code_sets/*` tables: read everything, derive, and hand over as Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from pipelines.code_sets.crosswalk_files import Successor, read_crosswalks
from pipelines.code_sets.icd10cm_package import package_releases
from pipelines.code_sets.release import SYSTEM_OF_CODE_SET, Release, in_order
from pipelines.code_sets.release_files import read_release_files
from pipelines.code_sets.validity import CodeChange, Window, code_changes, code_windows
from pipelines.problems import Problem

_S, _D = pa.string(), pa.date32()
SCHEMAS: dict[str, pa.Schema] = {
    "code_validity": pa.schema(
        {"code_system": _S, "code": _S, "effective_from": _D, "effective_to": _D, "release": _S}
    ),
    "code_crosswalk": pa.schema(
        {
            "code_system": _S,
            "from_code": _S,
            "to_code": _S,
            "effective_from": _D,
            "weight": pa.float64(),
            "release": _S,
        }
    ),
    "code_change": pa.schema(
        {"code_system": _S, "code": _S, "effective_from": _D, "change": _S, "release": _S}
    ),
    "code_release": pa.schema(
        {
            "code_system": _S,
            "release": _S,
            "effective_from": _D,
            "is_complete": pa.bool_(),
            "first_characters": _S,
            "codes": pa.int64(),
        }
    ),
}
KEYS: dict[str, list[str]] = {
    "code_validity": ["code_system", "code", "effective_from"],
    "code_crosswalk": ["code_system", "from_code", "to_code", "effective_from"],
    "code_change": ["code_system", "code", "effective_from", "change"],
    "code_release": ["code_system", "release"],
}


@dataclass(frozen=True)
class CodeSets:
    """The tables by name, and every row that was refused."""

    tables: Mapping[str, pa.Table]
    problems: list[Problem]


def read_code_sets(config_folder: Path) -> CodeSets:
    """Everything known of codes in time: the package's releases, the user's releases, the user's crosswalks."""
    given, problems = read_release_files(config_folder)
    successors, crosswalk_problems = read_crosswalks(config_folder)
    return CodeSets(code_set_tables(with_package(given), successors), problems + crosswalk_problems)


def with_package(given: Sequence[Release]) -> list[Release]:
    """The user's releases and the package's; a whole list of the user takes the place of the package's of that day."""
    own = {(release.code_set, release.effective_from) for release in given if release.is_complete}
    package = [
        release for release in package_releases() if (release.code_set, release.effective_from) not in own
    ]
    return in_order([*given, *package])


def code_set_tables(releases: Sequence[Release], successors: Sequence[Successor]) -> dict[str, pa.Table]:
    """The four tables, each sorted by its key."""
    validity: list[tuple[str, Window]] = []
    changes: list[tuple[str, CodeChange]] = []
    for code_set, group in groupby(in_order(list(releases)), key=lambda release: release.code_set):
        own = list(group)
        windows = code_windows(own)
        system = SYSTEM_OF_CODE_SET[code_set]
        validity += [(system, window) for window in windows]
        changes += [(system, change) for change in code_changes(own, windows)]
    rows: dict[str, list[tuple]] = {
        "code_validity": [(s, w.code, w.effective_from, w.effective_to, w.release) for s, w in validity],
        "code_crosswalk": [(*pair.key, pair.weight, pair.release) for pair in successors],
        "code_change": [(s, c.code, c.effective_from, c.change, c.release) for s, c in changes],
        "code_release": [_release_row(release) for release in releases],
    }
    return {name: _table(name, rows[name]) for name in SCHEMAS}


def _release_row(release: Release) -> tuple:
    covered = "".join(sorted({code[0] for code in release.codes or ()}))
    size = len(release.codes) if release.codes is not None else len(release.lines)
    return (
        release.code_system,
        release.name,
        release.effective_from,
        release.is_complete,
        covered,
        size,
    )


def _table(name: str, rows: list[tuple]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMAS[name])
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMAS[name], strict=True)]
    table = pa.Table.from_arrays(arrays, schema=SCHEMAS[name])
    return table.sort_by([(key, "ascending") for key in KEYS[name]])
