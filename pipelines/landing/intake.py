"""A delivered file as rows that SQL can read, whatever it came as: CSV (plain or gzip), X12 or Parquet.

A Parquet file is read where it lies. The good lines of a CSV and the service lines of an X12 file become text
columns of a temporary Parquet file, so that everything after this module sees one form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.landing.delivered_file import FileShape, Intake, direct_identifier, header_line
from pipelines.landing.intake_csv import csv_shape, take_in_csv
from pipelines.landing.intake_x12 import X12_SHAPE, take_in_x12
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import literal
from pipelines.problems import InputRefused

__all__ = ["FileShape", "Intake", "is_data_file", "look_at", "take_in"]

BOM = b"\xef\xbb\xbf"
CSV_SUFFIXES = (".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".tsv.gz", ".psv", ".psv.gz")
X12_SUFFIXES = (".837", ".edi", ".x12", ".837.gz", ".edi.gz", ".x12.gz")
PARQUET_SUFFIXES = (".parquet", ".pq")
X12_START = re.compile(rb"\s*ISA[^A-Za-z0-9\s,;|\t]..[^A-Za-z0-9\s]")


def is_data_file(name: str) -> bool:
    return name.lower().endswith((*CSV_SUFFIXES, *X12_SUFFIXES, *PARQUET_SUFFIXES))


def look_at(path: Path, *, delimiter: str | None = None, encoding: str = "utf-8") -> FileShape:
    """Columns of a file. Raises InputRefused if it is neither a readable table nor an X12 interchange.

    `delimiter` is what a CSV must use; without one the header tells. An X12 file is known by its first bytes.
    """
    if path.name.lower().endswith(PARQUET_SUFFIXES):
        return _parquet_shape(path)
    line = header_line(path).removeprefix(BOM)
    if X12_START.match(line):
        return X12_SHAPE
    return csv_shape(path, line, delimiter, encoding)


def take_in(
    path: Path, shape: FileShape, columns: Sequence[str], *, must_be_empty: Sequence[str], staging: Path
) -> Intake:
    """Make the rows of `path` readable. `columns` are the ones needed later, in any order.

    Columns in `must_be_empty` (direct identifiers) are looked at and never written: any value in them raises
    InputRefused, as does anything that makes the file as a whole unreadable.
    """
    if shape.form == "parquet":
        return _take_in_parquet(path, shape, must_be_empty)
    if shape.form == "x12":
        return take_in_x12(path, columns, staging)
    return take_in_csv(path, shape, columns, must_be_empty, staging)


def _parquet_shape(path: Path) -> FileShape:
    try:
        with duckdb.connect() as connection:
            described = connection.execute(
                f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})"
            ).fetchall()
    except duckdb.Error as error:
        raise _unreadable_parquet(path, error) from error
    return FileShape("parquet", tuple(row[0] for row in described), tuple(row[1] for row in described))


def _take_in_parquet(path: Path, shape: FileShape, must_be_empty: Sequence[str]) -> Intake:
    relation = f"read_parquet({literal(str(path))}, file_row_number = true)"
    try:
        with duckdb.connect() as connection:
            for name in must_be_empty:
                quoted = '"' + name.replace('"', '""') + '"'
                filled = connection.execute(
                    f"SELECT count(*) FROM {relation} WHERE trim({quoted}::VARCHAR) <> ''"
                ).fetchone()
                if filled and filled[0]:
                    raise direct_identifier(path, name)
            counted = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error as error:
        raise _unreadable_parquet(path, error) from error
    return Intake(relation, "file_row_number + 1", counted[0] if counted else 0)


def _unreadable_parquet(path: Path, error: Exception) -> InputRefused:
    reason = str(error).splitlines()[0].replace(str(path), path.name)
    return refusal(
        path.name,
        "whole file",
        reason,
        "the Parquet file cannot be read; it is cut short or damaged",
        "Write it anew and deliver it whole.",
    )
