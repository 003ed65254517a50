"""Segments and envelopes: an X12 file as transaction sets, one at a time, or refused with the segment's number.

Counts and control numbers are checked as a receiver's acknowledgement does: a wrong interchange or group trailer rejects
the file (TA1, AK9), a wrong SE rejects its transaction set alone (AK5). Delimiters are read from each ISA.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pipelines.landing.refusal import refusal
from pipelines.problems import InputRefused

BLOCK_BYTES = 1 << 20
ISA_LENGTH = 106
ISA_ELEMENTS = 16
LONGEST_SEGMENT = 1 << 20
PROFESSIONAL, INSTITUTIONAL = "professional", "institutional"
VERSIONS = {"005010X222": PROFESSIONAL, "005010X223": INSTITUTIONAL}

WRONG_COUNT = "the transaction set has another number of segments than its SE says"
WRONG_CONTROL = "the control number of SE is not that of ST"


@dataclass(frozen=True)
class Delimiters:
    element: str
    component: str
    segment: str


@dataclass
class TransactionSet:
    """Segments from ST to SE as lists of elements (the first is the segment's id).

    `first_number` is the number of ST in the file, counted from 1. `fault` says why nothing of the set can be used.
    """

    claim_type: str
    first_number: int
    delimiters: Delimiters
    segments: list[list[str]] = field(default_factory=list)
    fault: str | None = None
    found: str = ""


def transaction_sets(handle: BinaryIO, file: str) -> Iterator[TransactionSet]:
    """The transaction sets of all interchanges of a file. Raises InputRefused at a broken envelope."""
    interchange: list[str] | None = None
    group: list[str] | None = None
    current: TransactionSet | None = None
    groups = sets = number = 0
    for number, elements, delimiters in _segments(handle, file):
        name = elements[0]
        if current is not None and name != "SE":
            if name in ("ISA", "IEA", "GS", "GE", "ST"):
                raise _refused(file, number, name, "the transaction set before it has no SE")
            current.segments.append(elements)
        elif current is not None:
            current.segments.append(elements)
            _judge(current, elements)
            yield current
            current = None
        elif name == "ISA" and interchange is None:
            interchange, groups = elements, 0
        elif name == "GS" and interchange is not None and group is None:
            _check_group(file, number, elements)
            group, sets, groups = elements, 0, groups + 1
        elif name == "ST" and group is not None:
            sets += 1
            current = TransactionSet(
                _claim_type(file, number, elements, group), number, delimiters, [elements]
            )
        elif name == "GE" and group is not None:
            _check_trailer(file, number, elements, "transaction sets", sets, _element(group, 6))
            group = None
        elif name == "IEA" and interchange is not None and group is None:
            _check_trailer(file, number, elements, "groups", groups, _element(interchange, 13))
            interchange = None
        else:
            raise _refused(file, number, name[:3], "the segment does not belong here in the envelope")
    if interchange is not None:
        raise _refused(file, number, "", "the file ends before its IEA", "Deliver the file whole.")


def _segments(handle: BinaryIO, file: str) -> Iterator[tuple[int, list[str], Delimiters]]:
    """Number, elements and delimiters of each segment; line breaks between segments are not part of them.

    Bytes are read as Latin-1, which never fails and cuts where UTF-8 would.
    """
    text, number, delimiters = "", 0, None
    ended = False
    while not ended:
        chunk = handle.read(BLOCK_BYTES)
        ended = not chunk
        text += chunk.decode("latin-1")
        while True:
            if delimiters is None:
                text = text.lstrip("\r\n\t \xef\xbb\xbf")
                if len(text) < ISA_LENGTH:
                    break
                delimiters = _delimiters(file, number + 1, text[:ISA_LENGTH])
            pieces = text.split(delimiters.segment)
            text = pieces.pop()
            cut = None
            for place, piece in enumerate(pieces, start=1):
                stripped = piece.strip("\r\n")
                if not stripped:
                    continue
                number += 1
                elements = stripped.split(delimiters.element)
                yield number, elements, delimiters
                if elements[0] == "IEA":
                    cut = place
                    break
            if cut is None:
                break
            # The next interchange may have other delimiters.
            text = delimiters.segment.join([*pieces[cut:], text])
            delimiters = None
        if len(text) > LONGEST_SEGMENT and delimiters is not None:
            raise _refused(file, number + 1, "", f"a segment is longer than {LONGEST_SEGMENT:,} characters")
    if text.strip():
        raise _refused(file, number + 1, "", "the file ends inside a segment", "Deliver the file whole.")


def _delimiters(file: str, number: int, isa: str) -> Delimiters:
    """From the fixed places of an ISA segment: element after ISA, component in ISA16, segment after it."""
    element, component, segment = isa[3], isa[104], isa[105]
    if not isa.startswith("ISA") or isa.count(element) != ISA_ELEMENTS:
        raise _refused(file, number, isa[:3], f"no ISA segment of {ISA_LENGTH} characters begins here")
    if len({element, component, segment}) < 3 or re.search(r"[A-Za-z0-9 ]", element + component + segment):
        raise _refused(
            file, number, f"{element}{component}{segment}", "the delimiters of ISA cannot be told apart"
        )
    return Delimiters(element, component, segment)


def _check_group(file: str, number: int, elements: list[str]) -> None:
    if _element(elements, 1) != "HC":
        message = "the functional group holds no health care claims (GS01 is not HC)"
        raise _refused(file, number, _element(elements, 1), message, "Deliver 837 claims only.")


def _claim_type(file: str, number: int, elements: list[str], group: list[str]) -> str:
    version = _element(elements, 3) or _element(group, 8)
    if _element(elements, 1) != "837" or version[:10] not in VERSIONS:
        message = "neither a professional nor an institutional claim of version 005010"
        value = f"{_element(elements, 1)} {version}".strip()
        raise _refused(file, number, value, message, "Deliver 837 as 005010X222 or 005010X223.")
    return VERSIONS[version[:10]]


def _judge(current: TransactionSet, trailer: list[str]) -> None:
    """Say what is wrong with the set's SE, if anything: its lines then go to quarantine together."""
    if _element(trailer, 2) != _element(current.segments[0], 2):
        current.fault = WRONG_CONTROL
        current.found = f"SE {_element(trailer, 2)}, ST {_element(current.segments[0], 2)}"
    elif _element(trailer, 1) != str(len(current.segments)):
        current.fault = WRONG_COUNT
        current.found = f"SE says {_element(trailer, 1)}, there are {len(current.segments)}"


def _check_trailer(file: str, number: int, elements: list[str], what: str, found: int, control: str) -> None:
    if _element(elements, 2) != control:
        message = f"the control number of {elements[0]} is not that of its header ({control})"
        raise _refused(file, number, _element(elements, 2), message)
    if not elements[1].isdigit() or int(elements[1]) != found:
        message = f"{elements[0]} counts other {what} than the {found} that are there"
        raise _refused(file, number, _element(elements, 1), message)


def _element(elements: list[str], place: int) -> str:
    return elements[place].strip() if place < len(elements) else ""


def _refused(
    file: str, number: int, value: str, message: str, remedy: str = "Have the interchange made and sent anew."
) -> InputRefused:
    return refusal(file, f"segment {number:,}", value, message, remedy)
