"""Which lines of a CSV are good: judged on the bytes, before anything is parsed, so that damage stays in its
line.

A record is one physical line. A line break inside a quoted field is not supported: it makes two lines with an
open quote each, which are set aside with that reason. In return one stray quote can never swallow the lines
after it, and the number of a row is the number an editor shows. All work is on numpy arrays of a block; only
bad lines are looked at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NEWLINE, RETURN, QUOTE, NUL = 10, 13, 34, 0

WHOLE_LINE = "whole line"
TOO_FEW = "too few fields"
TOO_MANY = "too many fields"
BAD_QUOTES = "quotes do not pair"
NOT_UTF8 = "bytes that are not UTF-8"
CONTROL_BYTES = "a carriage return or zero byte inside the line"

REMEDIES = {
    TOO_FEW: "Deliver as many fields as the header has; quote fields that contain the delimiter.",
    TOO_MANY: "Deliver as many fields as the header has; quote fields that contain the delimiter.",
    BAD_QUOTES: "Quote the whole field and double the quotes inside it; no line breaks inside fields.",
    NOT_UTF8: "Save the file as UTF-8.",
    CONTROL_BYTES: "Take the control bytes out of the field.",
}


@dataclass(frozen=True)
class BadLine:
    """One refused line. `found` says what is wrong with it and never quotes it: it may hold a person's id."""

    line_number: int
    reason: str
    found: str


@dataclass(frozen=True)
class ScannedBlock:
    """`content` holds the good lines only; `line_numbers` (int64) their numbers in the file, in order."""

    content: bytes
    line_numbers: npt.NDArray[np.int64]
    bad_lines: list[BadLine]
    lines: int
    longest_line: int


def scan_block(block: bytes, *, delimiter: str, fields: int, first_line: int) -> ScannedBlock:
    """Judge the lines of `block`, which must end at a line end or at the end of the file.

    `fields` is how many fields the header has, `first_line` the number of the block's first line. Blank lines
    are neither good nor bad: they hold no row.
    """
    data = np.frombuffer(block, dtype=np.uint8)
    newlines = np.flatnonzero(data == NEWLINE)
    ends = newlines if len(data) and data[-1] == NEWLINE else np.append(newlines, len(data))
    if not len(data):
        ends = ends[:0]
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64) if len(ends) else ends
    count = len(ends)
    # Content ends before CRLF as before LF.
    has_return = (ends > starts) & (data[np.maximum(ends - 1, 0)] == RETURN) if count else np.zeros(0, bool)
    lengths = ends - starts - has_return
    blank = lengths == 0

    quotes = np.flatnonzero(data == QUOTE)
    quote_lines = np.searchsorted(ends, quotes)
    quotes_per_line = np.bincount(quote_lines, minlength=count)[:count]
    bad_quotes = quotes_per_line % 2 == 1
    if len(quotes):
        misplaced = _misplaced_quotes(data, quotes, quote_lines, quotes_per_line, ord(delimiter))
        bad_quotes[quote_lines[misplaced]] = True

    delimiters = np.flatnonzero(data == ord(delimiter))
    if len(quotes):
        # A delimiter after an odd number of quotes of its line stands inside quotes.
        before = np.searchsorted(quotes, delimiters)
        first_quote = np.concatenate(([0], np.cumsum(quotes_per_line)))
        lines_of = np.searchsorted(ends, delimiters)
        delimiters = delimiters[(before - first_quote[lines_of]) % 2 == 0]
    edges = np.searchsorted(delimiters, np.append(starts, len(data)))
    found_fields = np.diff(edges) + 1 if count else np.zeros(0, np.int64)

    control = np.zeros(count, bool)
    strays = np.flatnonzero((data == NUL) | (data == RETURN))
    if len(strays):
        stray_lines = np.searchsorted(ends, strays)
        trailing = has_return[stray_lines] & (strays == ends[stray_lines] - 1)
        control[stray_lines[~trailing]] = True

    undecodable = _undecodable_lines(block, starts, ends)
    bad = bad_quotes | control | (found_fields != fields)
    bad[list(undecodable)] = True
    bad &= ~blank
    good = ~bad & ~blank

    bad_lines = []
    for index in np.flatnonzero(bad).tolist():
        reason, found = _verdict(
            index,
            undecodable,
            has_control=bool(control[index]),
            has_bad_quotes=bool(bad_quotes[index]),
            found=int(found_fields[index]),
            expected=fields,
        )
        bad_lines.append(BadLine(first_line + index, reason, found))
    return ScannedBlock(
        content=block if good.all() else _only(data, starts, ends, good),
        line_numbers=(first_line + np.flatnonzero(good)).astype(np.int64),
        bad_lines=bad_lines,
        lines=count,
        longest_line=int(lengths.max()) if count else 0,
    )


def _misplaced_quotes(
    data: npt.NDArray[np.uint8],
    quotes: npt.NDArray[np.int64],
    quote_lines: npt.NDArray[np.int64],
    quotes_per_line: npt.NDArray[np.int64],
    delimiter: int,
) -> npt.NDArray[np.bool_]:
    """Quotes that neither open a field at its start nor close it at its end nor belong to a doubled pair."""
    first_quote = np.concatenate(([0], np.cumsum(quotes_per_line)))
    opening = (np.arange(len(quotes)) - first_quote[quote_lines]) % 2 == 0
    before = np.where(quotes > 0, data[np.maximum(quotes - 1, 0)], NEWLINE)
    after = np.where(quotes < len(data) - 1, data[np.minimum(quotes + 1, len(data) - 1)], NEWLINE)
    starts_well = np.isin(before, (delimiter, NEWLINE, QUOTE))
    ends_well = np.isin(after, (delimiter, NEWLINE, RETURN, QUOTE))
    return np.where(opening, ~starts_well, ~ends_well)


def _undecodable_lines(
    block: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> dict[int, str]:
    """Line index → which byte is wrong. A clean block costs one look, else each line beyond ASCII does."""
    try:
        block.decode("utf-8")
        return {}
    except UnicodeDecodeError:
        pass
    beyond_ascii = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) >= 0x80)
    wrong: dict[int, str] = {}
    # No byte of a longer UTF-8 sequence is a newline, so a line can be judged alone.
    for line in np.unique(np.searchsorted(ends, beyond_ascii)).tolist():
        content = block[starts[line] : ends[line]]
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            wrong[line] = f"byte 0x{content[error.start]:02X} at position {error.start + 1}"
    return wrong


def _verdict(
    index: int,
    undecodable: dict[int, str],
    *,
    has_control: bool,
    has_bad_quotes: bool,
    found: int,
    expected: int,
) -> tuple[str, str]:
    if index in undecodable:
        return NOT_UTF8, undecodable[index]
    if has_control:
        return CONTROL_BYTES, ""
    if has_bad_quotes:
        return BAD_QUOTES, ""
    return (TOO_FEW if found < expected else TOO_MANY), f"{found} fields, header has {expected}"


def _only(
    data: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    good: npt.NDArray[np.bool_],
) -> bytes:
    """The bytes of the good lines with their line ends."""
    with_newline = np.minimum(ends + 1, len(data)) - starts
    return data[np.repeat(good, with_newline)].tobytes()
