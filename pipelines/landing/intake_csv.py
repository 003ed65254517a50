"""A CSV as text columns: its header, its good lines beside their numbers, and what makes it unreadable.

Lines are judged one by one (`csv_lines`) and only the good ones are parsed, into a temporary Parquet file.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipelines.landing.csv_lines import BadLine, scan_block
from pipelines.landing.delivered_file import (
    LONGEST_HEADER,
    ROW_NUMBER,
    UNREADABLE,
    FileShape,
    Intake,
    direct_identifier,
    open_delivered,
)
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import literal
from pipelines.problems import InputRefused

BLOCK_BYTES = 1 << 24
DELIMITERS = ",|\t;"
LONGEST_LINE = 1 << 26


def csv_shape(path: Path, line: bytes, delimiter: str | None, encoding: str) -> FileShape:
    """Columns by the header `line`. Raises InputRefused where it is none, or not as the layout says."""
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


def take_in_csv(
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
        with open_delivered(path) as handle, pq.ParquetWriter(target, schema, compression="lz4") as writer:
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
            raise direct_identifier(path, name)
