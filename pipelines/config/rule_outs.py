"""`rule_outs.csv`: which lines look for a disease, so that a diagnosis on them alone was to be ruled out.

Where the file is missing the shipped default holds (`defaults/rule_outs.csv`: imaging and laboratory, by the sections
of HCPCS and CPT numbers, by NUBC revenue centre categories and by NUCC taxonomies, all public).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import Row, read_rows
from pipelines.problems import Problem

FILE = "rule_outs.csv"
DEFAULT = Path(__file__).parent / "defaults" / FILE
_SHAPES = {
    "hcpcs": (re.compile(r"[A-Z0-9]{5}"), "HCPCS codes have 5 characters."),
    "revenue_center": (re.compile(r"[0-9]{3}"), "Write the first three of the four digits, e.g. 032."),
    "taxonomy": (re.compile(r"[0-9A-Z]{3,10}"), "Write 3 to 10 characters of the taxonomy, e.g. 291U."),
}


def read_rule_outs(folder: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/rule_out`, of the user's file or else of the shipped one."""
    own = folder / FILE
    found, problems = read_rows(
        own if own.exists() else DEFAULT, FILE, required=("match_on", "code"), optional=("code_to", "note")
    )
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found:
        entry = _entry(row)
        if not row.problems and (entry["match_on"], entry["code"]) in rows:
            row.refuse("code", "the code is listed twice", "Keep one line.")
        if not row.problems:
            rows[entry["match_on"], entry["code"]] = entry
        problems += row.problems
    return list(rows.values()), problems


def _entry(row: Row) -> dict[str, Any]:
    match_on = row.choice("match_on", tuple(_SHAPES))
    code, code_to = row.text("code").upper(), row.optional("code_to").upper() or None
    if match_on in _SHAPES:
        shape, remedy = _SHAPES[match_on]
        for column, value in (("code", code), ("code_to", code_to)):
            if value and not shape.fullmatch(value):
                row.refuse(column, f"the value does not look like a {match_on}", remedy)
    if code_to and match_on != "hcpcs":
        row.refuse("code_to", "only HCPCS codes can be a range", "Write one line for each.")
    elif code_to and code_to < code:
        row.refuse("code_to", "the range ends before it begins", "Write the lower code first.")
    return {"match_on": match_on, "code": code, "code_to": code_to}
