"""What every form of delivered file has in common: its shape, its rows once they are readable, and how it is opened."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, cast

from pipelines.landing.csv_lines import REMEDIES, BadLine
from pipelines.landing.refusal import refusal
from pipelines.problems import InputRefused

ROW_NUMBER = "__row_number"
LONGEST_HEADER = 1 << 20
# A file cut short, a damaged gzip stream, text that no parser takes.
UNREADABLE = (OSError, EOFError, ValueError, zlib.error)


@dataclass(frozen=True)
class FileShape:
    """What a look at the head of a file tells: column names with DuckDB types, and how a CSV is written."""

    form: Literal["csv", "parquet", "x12"]
    names: tuple[str, ...]
    types: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Intake:
    """Rows ready for SQL: `relation` is what stands after FROM, with `row_number` as SQL for a row's number.

    Row numbers are line numbers of a CSV (the header is line 1), 1-based row numbers of a Parquet file, and the
    numbers of the segments that begin a service line of an X12 file (ISA is 1).
    `rows` counts every delivered row, `bad_lines` those that no parser may see; `remedies` by their reasons.
    """

    relation: str
    row_number: str
    rows: int
    bad_lines: tuple[BadLine, ...] = ()
    remedies: Mapping[str, str] = field(default_factory=lambda: REMEDIES)


def open_delivered(path: Path) -> BinaryIO:
    with path.open("rb") as handle:
        is_gzip = handle.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip else path.open("rb")


def header_line(path: Path) -> bytes:
    try:
        with open_delivered(path) as handle:
            return handle.readline(LONGEST_HEADER)
    except UNREADABLE as error:
        raise refusal(
            path.name,
            "whole file",
            str(error).replace(str(path), path.name),
            "the file cannot be read",
            "Compress or copy it anew and deliver it whole.",
        ) from error


def direct_identifier(path: Path, name: str) -> InputRefused:
    return refusal(
        path.name,
        f"column {name}",
        "",
        "a column that names patients directly has values; the file is refused and nothing of it is kept",
        f"Deliver the file without {name}, or with the column empty.",
    )
