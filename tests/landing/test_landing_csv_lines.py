"""Which lines of a CSV are good, judged on bytes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.landing.csv_lines import (
    BAD_QUOTES,
    CONTROL_BYTES,
    NOT_UTF8,
    TOO_FEW,
    TOO_MANY,
    scan_block,
)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a,b,c", None),
        (b"a,,", None),
        (b'"a,a",b,c', None),
        (b'"PITTSFORD,",VT,05763', None),
        (b'"a ""quoted"" word",b,c', None),
        (b'"","",""', None),
        ("Zürich,b,c".encode(), None),
        (b"a,b,c\r", None),
        (b"a,b", TOO_FEW),
        (b"   ", TOO_FEW),
        (b"a,b,c,d", TOO_MANY),
        (b'"a,b,c', BAD_QUOTES),
        (b'5" pipe,b,c', BAD_QUOTES),
        (b'a"b"c,d,e', BAD_QUOTES),
        (b'"a"b,c,d', BAD_QUOTES),
        (b"Z\xfcrich,b,c", NOT_UTF8),
        (b"a\x00,b,c", CONTROL_BYTES),
        (b"a\rb,b,c", CONTROL_BYTES),
    ],
)
def test_a_line_is_judged_alone(line: bytes, reason: str | None) -> None:
    """Each kind of damage is named, and the good lines around it stay good with their own numbers."""
    block = b"1,2,3\n" + line + b"\n4,5,6"
    scan = scan_block(block, delimiter=",", fields=3, first_line=2)
    assert [bad.reason for bad in scan.bad_lines] == ([reason] if reason else [])
    assert [bad.line_number for bad in scan.bad_lines] == ([3] if reason else [])
    assert scan.line_numbers.tolist() == ([2, 4] if reason else [2, 3, 4])
    assert scan.content == (b"1,2,3\n4,5,6" if reason else block)


def test_a_bad_line_is_never_quoted() -> None:
    """What is kept of a bad line tells the damage and not the content, which may be a person's id."""
    block = b"123-45-6789,b,c,d\nJOHN,\xff,c\n"
    found = [bad.found for bad in scan_block(block, delimiter=",", fields=3, first_line=2).bad_lines]
    assert found == ["4 fields, header has 3", "byte 0xFF at position 6"]


def test_blank_lines_hold_no_row_but_count_as_lines() -> None:
    """A blank line is neither good nor bad, and the line after it keeps the number an editor shows."""
    scan = scan_block(b"a,b\n\n\r\nc,d\n", delimiter=",", fields=2, first_line=2)
    assert (scan.line_numbers.tolist(), scan.bad_lines, scan.lines) == ([2, 5], [], 4)
    assert scan.content == b"a,b\nc,d\n"


garbage_lines = st.lists(
    st.lists(
        st.sampled_from([b'"', b",", b"a", b"\r", b"\xff", b"\xc3\xbc", b" ", b"\x00", b'""', b'","']),
        max_size=8,
    ).map(b"".join),
    max_size=8,
)


@given(garbage_lines)
@settings(max_examples=300, deadline=None)
def test_every_line_is_good_bad_or_blank_and_good_ones_parse(lines: list[bytes]) -> None:
    """No line is lost or counted twice, and a good line has the header's number of fields for any CSV reader."""
    scan = scan_block(b"\n".join(lines), delimiter=",", fields=3, first_line=1)
    blank = {number for number, line in enumerate(lines, 1) if line in (b"", b"\r")}
    numbers = [*scan.line_numbers.tolist(), *(bad.line_number for bad in scan.bad_lines)]
    assert sorted(numbers) == sorted(set(range(1, len(lines) + 1)) - blank)
    for number, content in zip(scan.line_numbers, scan.content.splitlines(keepends=False), strict=True):
        assert content == lines[number - 1].rstrip(b"\r")
        fields = next(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
        assert len(fields) == 3


@given(garbage_lines, st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_cutting_into_blocks_changes_nothing(lines: list[bytes], cut: int) -> None:
    """The verdict on a line does not depend on the block it is read in."""
    whole = scan_block(b"\n".join(lines), delimiter=",", fields=3, first_line=2)
    head, tail = lines[:cut], lines[cut:]
    first = scan_block(b"".join(line + b"\n" for line in head), delimiter=",", fields=3, first_line=2)
    second = scan_block(b"\n".join(tail), delimiter=",", fields=3, first_line=2 + len(head))
    assert whole.bad_lines == first.bad_lines + second.bad_lines
    assert whole.line_numbers.tolist() == first.line_numbers.tolist() + second.line_numbers.tolist()
