"""How a source's claims are read, as `sources.yml` says it: frequency codes, suffixes, precedence, test patients."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.config.marked_yaml import KeyPath, MarkedYaml
from pipelines.config.model import SourceProfile

LAST_PRECEDENCE = 1000
_DEFAULT = {"replacement": SourceProfile.replacement_codes, "void": SourceProfile.void_codes}
_CODE = re.compile(r"[0-9A-Z]{1,20}")


def read_frequency_codes(
    document: MarkedYaml, path: KeyPath, value: Any
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes of replacements and of voids; what is not said has the standard's code."""
    if value is None:
        return _DEFAULT["replacement"], _DEFAULT["void"]
    remedy = 'Write `{replacement: ["7"], void: ["8"]}`.'
    if not isinstance(value, dict) or set(value) - set(_DEFAULT):
        document.refuse(path, None, "only replacement and void can have frequency codes", remedy)
        return _DEFAULT["replacement"], _DEFAULT["void"]
    codes = {meaning: _codes(document, (*path, meaning), value.get(meaning)) for meaning in _DEFAULT}
    both = sorted(set(codes["replacement"]) & set(codes["void"]))
    if both:
        message = "a code cannot mean a replacement and a void"
        document.refuse(
            path, ", ".join(both), message, "Say replacement and void both, without a common code."
        )
    return codes["replacement"], codes["void"]


def _codes(document: MarkedYaml, path: KeyPath, value: Any) -> tuple[str, ...]:
    if value is None:
        return _DEFAULT[str(path[-1])]
    if not isinstance(value, list) or not value:
        document.refuse(path, value, "a list of codes is expected", 'Write `["7"]`.')
        return _DEFAULT[str(path[-1])]
    codes = tuple(str(code).strip().upper() for code in value)
    for i, code in enumerate(codes):
        if not _CODE.fullmatch(code):
            document.refuse((*path, i), value[i], "not a code of letters and digits", 'Write it as `"7"`.')
        elif code == "1":
            message = "1 is the code of an original claim"
            document.refuse((*path, i), value[i], message, "Take it out of the list.")
    return codes


def read_suffix(document: MarkedYaml, path: KeyPath, value: Any) -> str | None:
    """A regular expression for the end of a claim id; one that matches nothing at all would strip nothing."""
    if value is None:
        return None
    if not isinstance(value, str) or not _is_pattern(value):
        message = "not a regular expression (RE2: no look-around, no back references)"
        document.refuse(path, value, message, "Write the suffix alone, as `-[0-9]+`.")
        return None
    if re.fullmatch(f"(?:{value})", ""):
        message = "the pattern also fits an id without a suffix"
        document.refuse(path, value, message, "Let it match at least one character, as `-[0-9]+`.")
    return value


def read_patterns(document: MarkedYaml, path: KeyPath, value: Any) -> tuple[str, ...]:
    """Beginnings of ids as regular expressions; an empty list says that there are none."""
    if not isinstance(value, list):
        document.refuse(
            path, value, "a list of patterns is expected", "Write `[TEST, ZZTEST]`, or `[]` for none."
        )
        return ()
    for i, pattern in enumerate(value):
        if not isinstance(pattern, str) or not _is_pattern(pattern) or re.match(f"(?:{pattern})", ""):
            message = "not a regular expression for the beginning of an id"
            document.refuse((*path, i), pattern, message, "Write how the ids begin, as `TEST`.")
    return tuple(str(pattern).upper() if str(pattern).isalnum() else str(pattern) for pattern in value)


def read_precedence(document: MarkedYaml, path: KeyPath, value: Any) -> int:
    """Which source counts where several tell of one service: 1 first."""
    if value is None:
        return SourceProfile.precedence
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LAST_PRECEDENCE:
        message = f"not a whole number from 1 to {LAST_PRECEDENCE}"
        document.refuse(path, value, message, "Write 1 for the source that is believed first.")
        return SourceProfile.precedence
    return value


def _is_pattern(text: str) -> bool:
    """Whether RE2 takes it, which is what reads the claims; and Python, which checks it here."""
    try:
        re.compile(text)
        pc.match_substring_regex(pa.array([""]), text)
    except (re.error, pa.ArrowInvalid):
        return False
    return bool(text)
