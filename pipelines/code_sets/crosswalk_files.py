"""Successors of codes: `config/code_sets/crosswalk*.csv`, in our shape or in that of CMS's ICD-10-CM conversion table.

The weight of a pair is how many services of `from_code` one service of `to_code` goes on with. Renamed, or parted
into several codes of which a service bears one: 1 each. Parted into codes that are billed together: the weights of the
`from_code` add up to 1. Merged (several `from_code` to one `to_code`): the weights of the `to_code` must not add up to
more than 1, or a service would count more than once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.code_sets.content import FOLDER
from pipelines.code_sets.release import SYSTEM_OF_CODE_SET
from pipelines.code_sets.release_files import code_in, normal_code, release_day
from pipelines.config.csv_rows import Row, read_rows
from pipelines.problems import Problem

OURS = ("code_system", "from_code", "to_code", "effective_from", "weight")
CONVERSION_TABLE = ("current code assignment", "effective date", "previous code(s) assignment")
ROUNDING = 1e-5
"""Thirds written with six digits miss one by a millionth each."""


@dataclass(frozen=True)
class Successor:
    """One row of `code_sets/code_crosswalk`. `place` names file and line for messages."""

    code_system: str
    from_code: str
    to_code: str
    effective_from: date
    weight: float | None
    release: str
    row: Row

    @property
    def key(self) -> tuple[str, str, str, date]:
        return self.code_system, self.from_code, self.to_code, self.effective_from


def read_crosswalks(folder: Path) -> tuple[list[Successor], list[Problem]]:
    """All pairs, sorted by key, each with a weight; `folder` is the config folder."""
    pairs: list[Successor] = []
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("crosswalk*.csv")):
        found, wrong = _read_file(path)
        problems += wrong
        pairs += found
    kept = _with_weights(_unique(pairs))
    rows = {id(pair.row): pair.row for pair in pairs}
    problems += [problem for row in rows.values() for problem in dict.fromkeys(row.problems)]
    return sorted(kept, key=lambda pair: pair.key), problems


def _read_file(path: Path) -> tuple[list[Successor], list[Problem]]:
    file = f"{FOLDER}/{path.name}"
    is_conversion = "current code assignment" in path.read_bytes()[:400].decode("utf-8", "replace").lower()
    rows, problems = read_rows(
        path, file, required=CONVERSION_TABLE if is_conversion else OURS, optional=("note",)
    )
    pairs = []
    for row in rows:
        found = _converted(row, path.stem) if is_conversion else _pair(row, path.stem)
        if row.problems:
            problems += row.problems
        else:
            pairs += found
    return pairs, problems


def _pair(row: Row, release: str) -> list[Successor]:
    code_set = row.choice("code_system", tuple(SYSTEM_OF_CODE_SET))
    # CPT and HCPCS Level II share a system, and one may replace the other: their shapes are told apart by the first sign.
    known = code_set if code_set in ("icd10cm", "icd10pcs") else None
    old, new = code_in(row, "from_code", known), code_in(row, "to_code", known)
    if old and old == new:
        row.refuse("to_code", "the code is its own successor", "Remove the row.")
    if not row.text("effective_from"):
        return []
    start = row.day("effective_from")
    weight = row.number("weight", 0.0, 1.0)
    if weight == 0.0:
        row.refuse("weight", "the weight is zero", "Remove the row, or say how much of a service goes on.")
    if row.problems or start is None:
        return []
    return [Successor(SYSTEM_OF_CODE_SET[code_set], old, new, start, weight, release, row)]


def _converted(row: Row, release: str) -> list[Successor]:
    """One row of the conversion table: a new code with the code or codes that were used before."""
    new = code_in(row, "current code assignment", "icd10cm")
    start = _day_of_conversion(row)
    column = "previous code(s) assignment"
    before = [normal_code(part) for part in re.split(r"[,;/\s]+", row.text(column)) if part]
    for code in before:
        if not re.fullmatch(r"[A-Z][0-9][0-9A-Z]{1,5}", code):
            row.refuse(column, "a code does not look like icd10cm", "Write whole codes with commas between.")
    if row.problems or start is None:
        return []
    return [
        Successor("icd10cm", code, new, start, None, release, row)
        for code in dict.fromkeys(before)
        if code != new
    ]


def _day_of_conversion(row: Row) -> date | None:
    """`2025` is the fiscal year that began on 1 October 2024; `2025-04-01` and `4/1/2025` are days."""
    text = row.text("effective date")
    american = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text)
    if american:
        text = f"{american[3]}-{int(american[1]):02d}-{int(american[2]):02d}"
    day = release_day(f"fy{text}" if re.fullmatch(r"[0-9]{4}", text) else text)
    if text and day is None:
        remedy = "Write the fiscal year (2025) or the day (2025-04-01)."
        row.refuse("effective date", "the date cannot be read", remedy)
    return day


def _unique(pairs: list[Successor]) -> list[Successor]:
    """Pairs that are listed once; a second listing is refused."""
    kept: dict[tuple[str, str, str, date], Successor] = {}
    for pair in pairs:
        first = kept.setdefault(pair.key, pair)
        if first is not pair:
            column = "to_code" if "to_code" in pair.row.cells else "current code assignment"
            message = f"the pair is in {first.row.file} on line {first.row.line} as well"
            pair.row.refuse(column, message, "Keep one of the two lines.")
    return list(kept.values())


def _with_weights(pairs: list[Successor]) -> list[Successor]:
    """Each pair with its weight; merged codes without one share alike. Weights that make or lose services are refused."""
    into: dict[tuple[str, str, date], list[Successor]] = defaultdict(list)
    for pair in pairs:
        into[pair.code_system, pair.to_code, pair.effective_from].append(pair)
    weighted: list[Successor] = []
    for group in into.values():
        given = sum(pair.weight for pair in group if pair.weight is not None)
        missing = sum(pair.weight is None for pair in group)
        share = (1.0 - given) / missing if missing else 0.0
        if given > 1.0 + ROUNDING or (missing and share <= 0.0):
            message = f"the weights to {group[0].to_code} add up to {given:g}"
            remedy = "A service of the new code may go on with at most one service: lower the weights."
            _refuse(group, message, remedy)
        else:
            weighted += [_filled(pair, share) for pair in group]
    out_of: dict[tuple[str, str, date], list[Successor]] = defaultdict(list)
    for pair in weighted:
        out_of[pair.code_system, pair.from_code, pair.effective_from].append(pair)
    kept: list[Successor] = []
    for group in out_of.values():
        given = sum(pair.weight or 0.0 for pair in group)
        is_merged = any(len(into[pair.code_system, pair.to_code, pair.effective_from]) > 1 for pair in group)
        if len(group) > 1 and not is_merged and given < 1.0 - ROUNDING:
            message = f"the weights of the successors of {group[0].from_code} add up to {given:g}"
            remedy = "Give each 1 if a service has one of the new codes, or weights that add up to 1 if it has all."
            _refuse(group, message, remedy)
        else:
            kept += group
    return kept


def _refuse(group: list[Successor], message: str, remedy: str) -> None:
    for pair in group:
        pair.row.refuse("weight", message, remedy)


def _filled(pair: Successor, share: float) -> Successor:
    if pair.weight is not None:
        return pair
    return Successor(*pair.key, weight=round(share, 9), release=pair.release, row=pair.row)
