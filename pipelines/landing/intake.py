"""A delivered file as rows that SQL can read, whatever it came as: CSV (plain or gzip), X12 or Parquet.

A Parquet file is read where it lies. A CSV is judged line by line (`csv_lines`), and its good lines are
parsed into text columns of a temporary Parquet file beside their line numbers; the claims of an X12 file
(`x12/`) become such a file too, so that everything after this module sees one form.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, cast

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipelines.landing.csv_lines import REMEDIES, BadLine, scan_block
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import literal
from pipelines.landing.x12.claim_rows import COLUMNS as X12_COLUMNS
from pipelines.landing.x12.claim_rows import REMEDIES as X12_REMEDIES
from pipelines.landing.x12.claim_rows import claim_batches
from pipelines.problems import InputRefused

ROW_NUMBER = "__row_number"
BLOCK_BYTES = 1 << 24
LONGEST_HEADER = 1 << 20
DELIMITERS = ",|\t;"
BOM = b"\xef\xbb\xbf"
CSV_SUFFIXES = (".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".tsv.gz", ".psv", ".psv.gz")
X12_SUFFIXES = (".837", ".edi", ".x12", ".837.gz", ".edi.gz", ".x12.gz")
PARQUET_SUFFIXES = (".parquet", ".pq")
LONGEST_LINE = 1 << 26
# A file cut short, a damaged gzip stream, text that no parser takes.
X12_START = re.compile(rb"\s*ISA[^A-Za-z0-9\s,;|\t]..[^A-Za-z0-9\s]")
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


def is_data_file(name: str) -> bool:
    return name.lower().endswith((*CSV_SUFFIXES, *X12_SUFFIXES, *PARQUET_SUFFIXES))


def look_at(path: Path, *, delimiter: str | None = None, encoding: str = "utf-8") -> FileShape:
    """Columns of a file. Raises InputRefused if it is neither a readable table nor an X12 interchange.

    `delimiter` is what a CSV must use; without one the header tells. An X12 file is known by its first bytes.
    """
    if path.name.lower().endswith(PARQUET_SUFFIXES):
        return _parquet_shape(path)
    line = _header_line(path).removeprefix(BOM)
    if X12_START.match(line):
        return FileShape("x12", X12_COLUMNS, ("VARCHAR",) * len(X12_COLUMNS))
    return _csv_shape(path, line, delimiter, encoding)


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
        return _take_in_x12(path, columns, staging)
    return _take_in_csv(path, shape, columns, must_be_empty, staging)


# --- Parquet ------------------------------------------------------------------------------------------------


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
                    raise _direct_identifier(path, name)
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


# --- CSV ----------------------------------------------------------------------------------------------------


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as handle:
        is_gzip = handle.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _header_line(path: Path) -> bytes:
    try:
        with _open(path) as handle:
            return handle.readline(LONGEST_HEADER)
    except UNREADABLE as error:
        raise refusal(
            path.name,
            "whole file",
            str(error).replace(str(path), path.name),
            "the file cannot be read",
            "Compress or copy it anew and deliver it whole.",
        ) from error


def _csv_shape(path: Path, line: bytes, delimiter: str | None, encoding: str) -> FileShape:
    if not line.strip():
        raise refusal(path.name, "line 1", "", "the file has no header", "Deliver column names in line 1.")
    try:
        text = line.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise refusal(
            path.name,
            "line 1",
            f"byte 0x{line[error.start]:02X}",
            f"the header is not {encoding.upper()}",
            f"Save the file as {encoding.upper()}.",
        ) from error
    if "\r" in text or "\0" in text:
        raise refusal(
            path.name,
            "line 1",
            "",
            "lines do not end in a newline, or the file is binary",
            "Deliver a text file whose lines end in LF or CRLF.",
        )
    guessed = max(DELIMITERS, key=lambda candidate: (text.count(candidate), -DELIMITERS.index(candidate)))
    if delimiter is not None and delimiter not in text and guessed in text:
        raise refusal(
            path.name,
            "line 1",
            guessed,
            f"the header's fields are not separated by {delimiter!r}, as the layout says",
            "Deliver the file with that delimiter, or correct the layout.",
        )
    delimiter = delimiter or guessed
    try:
        names = next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise refusal(
            path.name, "line 1", "", f"the header cannot be read: {error}", "Mend its quotes."
        ) from error
    return FileShape("csv", tuple(names), ("VARCHAR",) * len(names), delimiter, encoding)


def _blocks(handle: BinaryIO) -> Iterator[bytes]:
    """The rest of `handle` in blocks that end at a line end (the last one at the end of the file)."""
    carried = b""
    while chunk := handle.read(BLOCK_BYTES):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield carried + chunk[:cut]
            carried = chunk[cut:]
        else:
            carried += chunk
        if len(carried) > LONGEST_LINE:
            raise ValueError(f"a line is longer than {LONGEST_LINE:,} bytes")
    if carried:
        yield carried


def _as_utf8(encoding: str) -> Callable[[bytes], bytes]:
    """Blocks end at line ends, and no supported encoding has a newline inside a character."""
    if codecs.lookup(encoding).name == "utf-8":
        return lambda block: block
    return lambda block: block.decode(encoding).encode()


def _take_in_csv(
    path: Path, shape: FileShape, columns: Sequence[str], must_be_empty: Sequence[str], staging: Path
) -> Intake:
    delimiter = shape.delimiter
    # Columns are read by place (c0, c1, …): names may repeat or be empty.
    places = {name: f"c{shape.names.index(name)}" for name in (*columns, *must_be_empty)}
    wanted = list(dict.fromkeys(columns))
    schema = pa.schema([(ROW_NUMBER, pa.int64()), *((name, pa.string()) for name in wanted)])
    target = staging / f"{path.name}.lines.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows, line, bad_lines = 0, 2, list[BadLine]()
    try:
        with _open(path) as handle, pq.ParquetWriter(target, schema, compression="lz4") as writer:
            handle.readline(LONGEST_HEADER)
            for block in map(_as_utf8(shape.encoding), _blocks(handle)):
                scan = scan_block(block, delimiter=delimiter, fields=len(shape.names), first_line=line)
                line += scan.lines
                rows += len(scan.line_numbers) + len(scan.bad_lines)
                bad_lines += scan.bad_lines
                if not len(scan.line_numbers):
                    continue
                parsed = _parse(
                    scan.content, delimiter, len(shape.names), list(places.values()), scan.longest_line
                )
                if parsed.num_rows != len(scan.line_numbers):
                    raise AssertionError(
                        f"{path.name}: {parsed.num_rows} rows of {len(scan.line_numbers)} lines"
                    )
                _refuse_filled(path, parsed, {name: places[name] for name in must_be_empty})
                arrays = [pa.array(scan.line_numbers), *(parsed.column(places[name]) for name in wanted)]
                writer.write_table(pa.table(arrays, schema=schema))
    except UNREADABLE as error:
        if isinstance(error, InputRefused):
            raise
        raise refusal(
            path.name,
            f"after line {line - 1}",
            str(error).replace(str(path), path.name),
            "the file cannot be read on",
            "Write or compress it anew and deliver it whole.",
        ) from error
    relation = f"read_parquet({literal(str(target))})"
    return Intake(relation, f'"{ROW_NUMBER}"', rows, tuple(bad_lines))


def _parse(content: bytes, delimiter: str, fields: int, places: Sequence[str], longest_line: int) -> pa.Table:
    """Good lines as text columns; an empty field is null."""
    return pa_csv.read_csv(
        pa.BufferReader(content),
        read_options=pa_csv.ReadOptions(
            column_names=[f"c{i}" for i in range(fields)], block_size=max(1 << 20, 2 * longest_line)
        ),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, quote_char='"', double_quote=True),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(dict.fromkeys(places)),
            column_types={f"c{i}": pa.string() for i in range(fields)},
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,
        ),
    )


def _refuse_filled(path: Path, parsed: pa.Table, must_be_empty: dict[str, str]) -> None:
    for name, place in must_be_empty.items():
        distinct = parsed.column(place).unique().to_pylist()
        if any(value and value.strip() for value in distinct):
            raise _direct_identifier(path, name)


def _direct_identifier(path: Path, name: str) -> InputRefused:
    return refusal(
        path.name,
        f"column {name}",
        "",
        "a column that names patients directly has values; the file is refused and nothing of it is kept",
        f"Deliver the file without {name}, or with the column empty.",
    )


# --- X12 ----------------------------------------------------------------------------------------------------


def _take_in_x12(path: Path, columns: Sequence[str], staging: Path) -> Intake:
    """The service lines of 837 claims as text columns; what names a patient never gets here."""
    schema = pa.schema([(ROW_NUMBER, pa.int64()), *((name, pa.string()) for name in columns)])
    target = staging / f"{path.name}.lines.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows, bad_lines = 0, list[BadLine]()
    try:
        with _open(path) as handle, pq.ParquetWriter(target, schema, compression="lz4") as writer:
            for batch in claim_batches(handle, path.name):
                rows += len(batch.row_numbers) + len(batch.bad_rows)
                bad_lines += [BadLine(*bad) for bad in batch.bad_rows]
                arrays = [batch.row_numbers, *(batch.columns[name] for name in columns)]
                writer.write_table(pa.table(arrays, schema=schema))
    except UNREADABLE as error:
        if isinstance(error, InputRefused):
            raise
        raise refusal(
            path.name,
            "whole file",
            str(error).replace(str(path), path.name),
            "the file cannot be read on",
            "Write or compress it anew and deliver it whole.",
        ) from error
    relation = f"read_parquet({literal(str(target))})"
    return Intake(relation, f'"{ROW_NUMBER}"', rows, tuple(bad_lines), X12_REMEDIES)
