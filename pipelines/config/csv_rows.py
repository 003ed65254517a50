"""CSV rows that know their line and can refuse a cell: the form in which all business tables are read.

A row collects what is wrong with it; a row with a problem is left out by its reader and the rest goes on.
Lines that are empty or start with `#` are comments.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.problems import Problem

SINCE_ALWAYS = date(1900, 1, 1)  # an empty effective_from: keys must not be null


@dataclass
class Row:
    file: str
    line: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, message: str, remedy: str) -> None:
        place = f"line {self.line}, column {column}"
        self.problems.append(Problem(self.file, place, self.cells.get(column, ""), message, remedy))

    def optional(self, column: str) -> str:
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        value = self.optional(column)
        if not value:
            self.refuse(column, "the value is missing", "Fill in the cell or remove the row.")
        return value

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        value = self.optional(column).lower()
        if value not in allowed:
            self.refuse(column, "the value is not in the list", "Use one of: " + ", ".join(allowed) + ".")
        return value

    def day(self, column: str) -> date | None:
        value = self.optional(column)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(column, "the date cannot be read", "Write it as YYYY-MM-DD, e.g. 2026-01-31.")
            return None

    def window(self) -> tuple[date, date | None]:
        """`effective_from` (empty: since always) and `effective_to` (inclusive; empty: open), in order."""
        start, end = self.day("effective_from") or SINCE_ALWAYS, self.day("effective_to")
        if end is not None and end < start:
            remedy = f"effective_to is the last day and must not be before effective_from ({start})."
            self.refuse("effective_to", "the end is before the start", remedy)
        return start, end

    def number(self, column: str, lowest: float, highest: float) -> float | None:
        value = self.optional(column)
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not lowest <= number <= highest:
            remedy = f"Use a number from {lowest:g} to {highest:g}."
            self.refuse(column, "the number is unreadable or out of range", remedy)
            return None
        return number


def read_rows(
    path: Path, file: str, required: Iterable[str], optional: Iterable[str] = ()
) -> tuple[list[Row], list[Problem]]:
    """Rows of `path` (called `file` in messages) and the problems of the file as a whole.

    A missing file, a missing column or bytes that are not UTF-8 leave no rows; an unknown column is named and
    ignored; a row of the wrong width is refused.
    """

    def whole(message: str, remedy: str, place: str = "whole file", value: str = "") -> Problem:
        return Problem(file, place, value, message, remedy)

    if not path.is_file():
        return [], [whole("the file is missing", "Copy it from a shipped profile; a header alone will do.")]
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [whole("the file is not UTF-8", "Save it as CSV UTF-8.", f"line {line}")]

    lines = _records(text)
    if not lines:
        return [], [whole("the file has no header", "Copy the header from a shipped profile.")]
    header_line, raw_header = lines[0]
    header = [name.strip().lower() for name in raw_header]
    missing = [name for name in required if name not in header]
    if missing:
        message = f"the column {', '.join(missing)} is missing"
        found = ",".join(header)
        return [], [whole(message, "Name the columns as the shipped profile does.", "line 1", found)]
    known = {*required, *optional}
    problems = [
        whole("the column is not known and ignored", "Remove or rename it.", f"line {header_line}", name)
        for name in header
        if name not in known
    ]
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            message = f"the row has {len(cells)} cells, the header has {len(header)}"
            problems.append(whole(message, "Quote cells that contain a comma.", f"line {line}"))
            continue
        rows.append(Row(file, line, {n: c.strip() for n, c in zip(header, cells, strict=True)}))
    return rows, problems


def windows_overlap(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether two rows with `effective_from` and `effective_to` (inclusive, None: open) share a day."""
    latest = date.max
    return a["effective_from"] <= (b["effective_to"] or latest) and b["effective_from"] <= (
        a["effective_to"] or latest
    )


def _records(text: str) -> list[tuple[int, list[str]]]:
    """Records with the line on which each starts (a quoted cell may span lines), comments left out."""
    reader = csv.reader(io.StringIO(text, newline=""))
    records = []
    before = 0
    for cells in reader:
        start, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
            records.append((start, cells))
    return records
