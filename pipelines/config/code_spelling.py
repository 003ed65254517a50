"""One spelling per code, whoever typed it: the form in which claims are stored.

Upper case, without dots, blanks and hyphens, and, where a code is meant exactly, without the placeholder X at its end
that some systems pad with (in ICD-10-CM an X only ever holds a place before a later character). What has the shape of
ICD-9-CM or of another code set is refused, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODE_SYSTEMS = ("hcpcs", "icd10cm", "icd10pcs")
PROCEDURE_SYSTEMS = ("hcpcs", "icd10pcs")
_NOISE = re.compile(r"[\s.\-\u00a0]")
_EXACT = {
    "hcpcs": re.compile(r"[A-Z0-9]{5}"),
    "icd10cm": re.compile(r"[A-Z][0-9][A-Z0-9]{1,5}"),
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{7}"),
}
_STEM = {
    "hcpcs": re.compile(r"[A-Z0-9]{1,5}"),
    "icd10cm": re.compile(r"[A-Z]|[A-Z][0-9][A-Z0-9]{0,5}"),
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{1,7}"),
}
_ICD9 = re.compile(r"[0-9]{3,5}|E[0-9]{3}\.[0-9]?")
_SHAPES = {
    "hcpcs": "HCPCS codes have 5 characters; leading zeros and letters count.",
    "icd10cm": "ICD-10-CM codes have 3 to 7 characters: a letter, a digit, then letters or digits.",
    "icd10pcs": "ICD-10-PCS codes have 7 characters, never I or O.",
}


@dataclass(frozen=True)
class Spelling:
    """A code in its one spelling, or why it has none."""

    code: str = ""
    message: str = ""
    remedy: str = ""


def spell(system: str, text: str, *, is_stem: bool = False) -> Spelling:
    """`text` as a code of `system` (one of `CODE_SYSTEMS`); a stem is the beginning of codes."""
    code = _NOISE.sub("", text.upper())
    if system == "icd10cm":
        if _ICD9.fullmatch(code) or _ICD9.fullmatch(text.strip().upper()):
            remedy = "List the ICD-10-CM codes instead; ICD-9-CM ended on 30 September 2015."
            return Spelling(message="the code looks like ICD-9-CM", remedy=remedy)
        if not is_stem and len(code) > 3:
            code = code[:3] + code[3:].rstrip("X")
    shape = (_STEM if is_stem else _EXACT)[system]
    if not shape.fullmatch(code):
        return Spelling(message=f"the code does not look like {system}", remedy=_SHAPES[system])
    return Spelling(code)
