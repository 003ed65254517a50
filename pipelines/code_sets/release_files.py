"""The user's release files: `config/code_sets/<code_set>_<release>.csv`, one a release.

A file with a row `listed` is the whole list as of its day, rows of other statuses included; a file without is a list of
changes and says nothing of the codes it does not name. A bad row is refused with line and remedy, the rest goes on.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from pipelines.code_sets.content import FOLDER
from pipelines.code_sets.release import (
    ADDED,
    DELETED,
    LISTED,
    REVISED,
    SYSTEM_OF_CODE_SET,
    CodeLine,
    Release,
)
from pipelines.config.csv_rows import Row, read_rows
from pipelines.problems import Problem

STATUSES = (LISTED, ADDED, DELETED, REVISED)
_NAME = re.compile(rf"({'|'.join(SYSTEM_OF_CODE_SET)})_(.+)")
_SHAPES = {
    "hcpcs": re.compile(r"[A-Z][0-9]{4}"),
    "cpt": re.compile(r"[0-9]{4}[0-9A-Z]"),
    "icd10cm": re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}"),
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{7}"),
}


def read_release_files(folder: Path) -> tuple[list[Release], list[Problem]]:
    """Releases of `folder` (the config folder), in the order of the files' names, and what was refused."""
    releases: list[Release] = []
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.csv")):
        if path.stem.startswith("crosswalk"):
            continue
        release, found = _read_release(path)
        problems += found
        if release:
            releases.append(release)
    return releases, problems


def normal_code(text: str) -> str:
    """A code as the ledger spells it: upper case, without dots and blanks."""
    return text.upper().replace(".", "").replace(" ", "")


def code_in(row: Row, column: str, code_set: str | None) -> str:
    """The code of a cell, refused on the row where it does not look like one of its code set."""
    code = normal_code(row.text(column))
    if code and code_set and not _SHAPES[code_set].fullmatch(code):
        remedy = "Write the whole code; a spreadsheet may have dropped leading zeros."
        row.refuse(column, f"the code does not look like {code_set}", remedy)
    return code


def _read_release(path: Path) -> tuple[Release | None, list[Problem]]:
    file = f"{FOLDER}/{path.name}"
    named = _NAME.fullmatch(path.stem.lower())
    start = release_day(named[2]) if named else None
    if named is None or start is None:
        remedy = (
            f"Name it <code set>_<release>.csv, the code set one of {', '.join(SYSTEM_OF_CODE_SET)}, the release"
            " 2025, 2025-04, 2025-04-01 or fy2025; or crosswalk_<anything>.csv."
        )
        message = "the file's name does not say which release it is"
        return None, [Problem(file, "whole file", path.name, message, remedy)]
    rows, problems = read_rows(
        path, file, required=("code", "effective_from", "effective_to", "status"), optional=("note",)
    )
    lines = []
    seen: dict[str, int] = {}
    for row in rows:
        line = _line(row, named[1], start)
        if line.code in seen:
            row.refuse("code", f"the code is on line {seen[line.code]} as well", "Keep one of the two lines.")
        if row.problems:
            problems += row.problems
            continue
        seen[line.code] = row.line
        lines.append(line)
    if not lines:
        return None, problems
    is_complete = any(line.status == LISTED for line in lines)
    codes = frozenset(line.code for line in lines if line.status != DELETED) if is_complete else None
    spoken_of = tuple(
        line for line in lines if line.status != LISTED or line.effective_from or line.effective_to
    )
    return Release(named[1], path.stem.lower(), start, codes, spoken_of), problems


def _line(row: Row, code_set: str, release_from: date) -> CodeLine:
    code = code_in(row, "code", code_set)
    status = row.choice("status", STATUSES)
    start, end = row.day("effective_from"), row.day("effective_to")
    if start and end and end < start:
        remedy = f"effective_to is the last day on which the code holds and must not be before {start}."
        row.refuse("effective_to", "the end is before the start", remedy)
    if status == DELETED:
        end = end or release_from - timedelta(days=1)
    elif status in (ADDED, REVISED):
        start = start or release_from
    return CodeLine(code, status, start, end)


def release_day(text: str) -> date | None:
    """First day of a release by its name: a year (1 January), a month, a day, or `fy2025` (1 October 2024)."""
    if fiscal := re.fullmatch(r"fy([0-9]{4})", text):
        return date(int(fiscal[1]) - 1, 10, 1)
    parts = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", text)
    try:
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)) if parts else None
    except ValueError:
        return None
