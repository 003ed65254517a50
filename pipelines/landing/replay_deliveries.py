"""Turn one file with many `file_date`s into the deliveries it once was: a folder per date, for a rolling
replay.

Lines keep their bytes; each folder gets the header and its own lines. Where `file_date` is a first of month
with services in that month it names the month, so the delivery was known on the month's last day.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from pipelines.atomic_files import replace_file, sha256_of_file, write_json
from pipelines.landing.columns import match_columns
from pipelines.landing.intake import look_at, take_in
from pipelines.landing.layouts import LAYOUTS
from pipelines.landing.manifest import MANIFEST_NAME, Manifest, ManifestFile
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import identifier, strict_date
from pipelines.problems import InputRefused, Problem

TUVA = LAYOUTS["tuva"]


def split_by_file_date(
    csv: Path,
    target_folder: Path,
    *,
    source: str = "tuva_integration",
    provider_directory: Path | None = None,
) -> list[Path]:
    """Write one delivery folder per `file_date` of a Tuva claims CSV and return the folders in date order.

    Folders are `<source>.<YYYY-MM>` (with the day where a month has several dates) with `medical_claim.csv`
    and a manifest, written last. `provider_directory` is delivered with the first. Folders that exist are
    left alone: the same file gives the same bytes. Raises InputRefused when lines carry no readable
    `file_date`.
    """
    lines = csv.read_bytes().splitlines(keepends=True)
    dated = _dated_lines(csv)
    months = [day.strftime("%Y-%m") for day in dated]
    folders = []
    for place, (day, (known_on, line_numbers)) in enumerate(sorted(dated.items())):
        stamp = day.strftime("%Y-%m")
        refresh_id = f"{source}.{stamp if months.count(stamp) == 1 else day.isoformat()}"
        folder = target_folder / refresh_id
        folders.append(folder)
        if (folder / MANIFEST_NAME).is_file():
            continue
        claims = folder / "medical_claim.csv"
        content = lines[0] + b"".join(lines[number - 1] for number in line_numbers.tolist())
        replace_file(claims, _bytes(content))
        files = [ManifestFile(claims.name, TUVA.entity, TUVA.name, sha256_of_file(claims), len(line_numbers))]
        if provider_directory and place == 0:
            files.append(_with_directory(provider_directory, folder))
        write_json(folder / MANIFEST_NAME, Manifest(source, refresh_id, known_on, tuple(files)).as_json())
    return folders


def _dated_lines(csv: Path) -> dict[date, tuple[date, np.ndarray]]:
    """file_date → (known on, line numbers in file order)."""
    shape = look_at(csv)
    match = match_columns(TUVA, csv.name, shape.names)
    wanted = {name: match.delivered.get(name) for name in ("file_date", *TUVA.event_dates)}
    missing = [name for name, column in wanted.items() if column is None]
    if missing:
        raise InputRefused(
            [
                Problem(csv.name, "header", "", f"column {name} is missing", "It tells the deliveries apart.")
                for name in missing
            ]
        )
    columns = {name: str(column) for name, column in wanted.items()}
    with tempfile.TemporaryDirectory() as staging, duckdb.connect() as connection:
        intake = take_in(csv, shape, list(columns.values()), must_be_empty=(), staging=Path(staging))
        dates = ", ".join(f"{strict_date(identifier(column))} AS {name}" for name, column in columns.items())
        connection.execute(
            f"CREATE TABLE lines AS SELECT {intake.row_number} AS line, {dates} FROM {intake.relation}"
        )
        undated = connection.execute(
            "SELECT count(*), min(line) FROM lines WHERE file_date IS NULL"
        ).fetchall()[0]
        if undated[0] or intake.bad_lines:
            first = undated[1] if undated[0] else intake.bad_lines[0].line_number
            raise refusal(
                csv.name,
                f"line {first}",
                "",
                "a line has no readable file_date",
                "Mend or remove the line.",
            )
        service = f"coalesce({', '.join(TUVA.event_dates)})"
        groups = connection.execute(
            f"""
            SELECT file_date,
                CASE WHEN day(file_date) = 1 AND max({service}) > file_date
                    THEN last_day(file_date) ELSE file_date END,
                list(line ORDER BY line)
            FROM lines GROUP BY file_date ORDER BY file_date
            """
        ).fetchall()
    return {day: (known_on, np.array(numbers, dtype=np.int64)) for day, known_on, numbers in groups}


def _bytes(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _copy_of(original: Path) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        shutil.copyfile(original, path)

    return write


def _with_directory(provider_directory: Path, folder: Path) -> ManifestFile:
    target = folder / provider_directory.name
    replace_file(target, _copy_of(provider_directory))
    layout = LAYOUTS["provider_directory"]
    return ManifestFile(target.name, layout.entity, layout.name, sha256_of_file(target), None)
