"""What must be true of a staged snapshot before anyone may see it.

A check is a function from a `Snapshot` to the problems it found. The ones here hold for every snapshot; a
caller passes further ones (thresholds with owners live in `quality/`). They read only the staged files, never
the warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import duckdb

from pipelines.atomic_files import sha256_of_file
from pipelines.delivery.snapshot import DATABASE, IDENTITY_TABLE, MANIFEST, REPORT, Snapshot
from pipelines.problems import Problem

AuditCheck = Callable[[Snapshot], Iterable[Problem]]
# A patient count and the column that marks it as suppressed.
PATIENT_COUNTS = {"patients": "is_suppressed", "diagnosed_patients": "is_diagnosis_suppressed"}
LARGEST_HIDDEN_COUNT = 10
FETCHES = re.compile(
    r"""(?:\b(?:src|srcset|href|action|poster|data)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?\s*(?:https?:)?//"""
    r"""|@import\b|\bfetch\s*\(|XMLHttpRequest|WebSocket|sendBeacon|importScripts)""",
    re.IGNORECASE,
)


def files_match_manifest(snapshot: Snapshot) -> Iterator[Problem]:
    """Every file named in the manifest is there with the bytes it was described with."""
    manifest = snapshot.manifest
    described = {f"parquet/{name}.parquet": facts["sha256"] for name, facts in manifest["tables"].items()}
    described |= {name: facts["sha256"] for name, facts in manifest["files"].items()}
    if not (snapshot.folder / MANIFEST).is_file():
        yield _problem(MANIFEST, "whole file", "", "the manifest is missing")
    for name, expected in sorted(described.items()):
        path = snapshot.folder / name
        if not path.is_file():
            yield _problem(name, "whole file", "", "a file named in the manifest is missing")
        elif sha256_of_file(path) != expected:
            yield _problem(name, "whole file", "", "the file is not the one that the manifest describes")


def database_holds_the_tables(snapshot: Snapshot) -> Iterator[Problem]:
    """`claimline.duckdb` opens read-only and has the manifest's tables with their row counts, and nothing
    else.
    """
    expected = {name: facts["rows"] for name, facts in snapshot.manifest["tables"].items()}
    expected[IDENTITY_TABLE] = 1
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
        present = {name.removeprefix("main.") for (name,) in names}
        for name in sorted(present ^ set(expected)):
            message = (
                "a table is in the database but not in the manifest"
                if name in present
                else "a table is missing"
            )
            yield _problem(DATABASE, f"table {name}", "", message)
        for name in sorted(present & set(expected)):
            (rows,) = connection.execute(f'select count(*) from main."{name}"').fetchone() or (None,)
            if rows != expected[name]:
                yield _problem(DATABASE, f"table {name}", str(rows), f"{expected[name]} rows were expected")


def small_counts_are_suppressed(snapshot: Snapshot) -> Iterator[Problem]:
    """No published patient count is 1 to 10, and a row marked suppressed shows no patient count.

    The count itself is not repeated in the problem: it is the thing to be kept private.
    """
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        for name, facts in sorted(snapshot.manifest["tables"].items()):
            columns = {column["name"] for column in facts["columns"]}
            for count in sorted(columns & set(PATIENT_COUNTS)):
                mark = PATIENT_COUNTS[count]
                small = f"{count} > 0 and {count} <= {LARGEST_HIDDEN_COUNT}"
                marked = f"{mark} and {count} is not null" if mark in columns else "false"
                query = f'select count(*) from main."{name}" where ({small}) or ({marked})'
                (rows,) = connection.execute(query).fetchone() or (0,)
                if rows:
                    yield Problem(
                        f"parquet/{name}.parquet",
                        f"column {count}",
                        f"{rows} rows",
                        f"patient counts of 1 to {LARGEST_HIDDEN_COUNT}, or marked suppressed, would be "
                        "shown",
                        "Suppress them in the mart; nothing is published until then.",
                    )


def report_stands_alone(snapshot: Snapshot) -> Iterator[Problem]:
    """The report asks nothing of the network: opened from a file it is complete, and it tells nobody it was
    opened.
    """
    text = snapshot.report.read_text(encoding="utf-8")
    for found in FETCHES.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield _problem(REPORT, f"line {line}", found[0][:40], "the report would fetch something from outside")


BUILT_IN_CHECKS: tuple[AuditCheck, ...] = (
    files_match_manifest,
    database_holds_the_tables,
    small_counts_are_suppressed,
    report_stands_alone,
)


def _problem(file: str, place: str, value: str, message: str) -> Problem:
    return Problem(
        file, place, value, message, "Build the snapshot again; if it happens again, the build is at fault."
    )
