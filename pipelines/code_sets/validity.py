"""From releases to periods of validity and to changes.

Releases are read in the order of their days, and the later one wins. A code that may be used and is not in the next whole
list ended on the day before that list; a code that is new in a list began with it. What is in the first list is taken to
have been there always. A date that a release gives for a code comes before one that follows from lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from pipelines.code_sets.release import ADDED, DELETED, LISTED, REVISED, CodeLine, Release, in_order
from pipelines.config.csv_rows import SINCE_ALWAYS

ONE_DAY = timedelta(days=1)


class Window(NamedTuple):
    """A code may be used from `effective_from` to `effective_to` (last day; None: still). `release` told of it."""

    code: str
    effective_from: date
    effective_to: date | None
    release: str
    ended_by: str = ""


class CodeChange(NamedTuple):
    """`change` is added (first day), deleted (first day on which it may not be used) or revised."""

    code: str
    effective_from: date
    change: str
    release: str


def code_windows(releases: Sequence[Release]) -> list[Window]:
    """Periods of validity of one code set, sorted by code and start; periods of a code never touch or overlap."""
    known = _Known()
    is_first_list = True
    for release in in_order(list(releases)):
        if release.codes is not None:
            for code in known.open.keys() - release.codes:
                known.end(code, release.effective_from - ONE_DAY, release.name)
            for code in release.codes - known.open.keys():
                is_new = not is_first_list or code in known.closed
                known.begin(code, release.effective_from if is_new else SINCE_ALWAYS, release.name)
            is_first_list = False
        for line in release.lines:
            _hear(known, line, release)
    joined = [window for periods in known.periods().values() for window in _joined(periods)]
    return sorted(joined, key=lambda window: (window.code, window.effective_from))


@dataclass
class _Known:
    """What is known while the releases are read: the open period of a code, and its closed ones."""

    open: dict[str, Window] = field(default_factory=dict)
    closed: dict[str, list[Window]] = field(default_factory=dict)

    def begin(self, code: str, start: date, release: str) -> None:
        self.open[code] = Window(code, start, None, release)

    def end(self, code: str, end: date, release: str) -> None:
        """Close the open period on `end`; one that would end before it began has never been."""
        window = self.open.pop(code)
        if window.effective_from <= end:
            self.closed.setdefault(code, []).append(window._replace(effective_to=end, ended_by=release))

    def periods(self) -> dict[str, list[Window]]:
        periods = {code: list(windows) for code, windows in self.closed.items()}
        for code, window in self.open.items():
            periods.setdefault(code, []).append(window)
        return periods


def _hear(known: _Known, line: CodeLine, release: Release) -> None:
    """Take in what a release says of one code."""
    code = line.code
    if code not in known.open:
        if line.status in (LISTED, ADDED):
            known.begin(code, line.effective_from or release.effective_from, release.name)
        elif code not in known.closed:  # deleted or revised, and never heard of: it was there until now
            known.begin(code, SINCE_ALWAYS, release.name)
    elif line.status in (LISTED, ADDED) and line.effective_from is not None:
        start = known.open[code].effective_from
        if start == SINCE_ALWAYS or line.effective_from < start:
            known.begin(code, line.effective_from, release.name)
    if line.effective_to is not None and code in known.open:
        known.end(code, line.effective_to, release.name)


def _joined(windows: list[Window]) -> list[Window]:
    """Periods that touch or overlap as one."""
    joined: list[Window] = []
    for window in sorted(windows, key=lambda window: window.effective_from):
        last = joined[-1] if joined else None
        if last and (last.effective_to is None or last.effective_to + ONE_DAY >= window.effective_from):
            if last.effective_to is not None and (
                window.effective_to is None or window.effective_to > last.effective_to
            ):
                joined[-1] = last._replace(effective_to=window.effective_to, ended_by=window.ended_by)
        else:
            joined.append(window)
    return joined


def code_changes(releases: Sequence[Release], windows: Sequence[Window]) -> list[CodeChange]:
    """What was added and deleted by the windows, and what the releases say was revised; sorted."""
    changes = {
        CodeChange(window.code, window.effective_from, ADDED, window.release)
        for window in windows
        if window.effective_from > SINCE_ALWAYS
    }
    changes |= {
        CodeChange(window.code, window.effective_to + ONE_DAY, DELETED, window.ended_by)
        for window in windows
        if window.effective_to is not None
    }
    changes |= {
        CodeChange(line.code, line.effective_from or release.effective_from, REVISED, release.name)
        for release in releases
        for line in release.lines
        if line.status == REVISED
    }
    first: dict[tuple[str, date, str], CodeChange] = {}
    for change in sorted(changes):
        first.setdefault((change.code, change.effective_from, change.change), change)
    return list(first.values())
