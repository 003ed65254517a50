"""`modifier_rules.csv` and `code_rules.csv`: what a modifier does to the counts, and what a unit of a code is.

Rules that ship are in `pipelines/config/defaults/`, once for all profiles. A folder of business files that has a file of
that name replaces the shipped one as a whole. What the effects and kinds do is docs/methods/claims.md, section 2, and the
SQL that carries it out; this module only reads and refuses.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import Row, read_rows
from pipelines.problems import Problem

MODIFIER_FILE = "modifier_rules.csv"
CODE_FILE = "code_rules.csv"
DEFAULTS = Path(__file__).parent / "defaults"
EFFECTS = (
    "bilateral",
    "left",
    "right",
    "repeat",
    "co_surgeon",
    "team",
    "assistant",
    "professional_component",
    "technical_component",
    "discarded",
    "discontinued_before",
    "discontinued_after",
    "surgical_care",
    "post_operative",
    "pre_operative",
)
UNIT_KINDS = ("event", "unit", "dose")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_CODES = {
    "hcpcs": (re.compile(r"[A-Z0-9]{5}"), re.compile(r"[A-Z0-9]{1,4}")),
    "icd10pcs": (re.compile(r"[0-9A-HJ-NP-Z]{7}"), re.compile(r"[0-9A-HJ-NP-Z]{1,6}")),
}
_FLAGS = {"yes": True, "no": False, "": False}
_MOST = 1e9


def read_modifier_rules(folder: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/modifier_rule`: one effect for each modifier."""
    found, problems = _read(folder, MODIFIER_FILE, ("modifier", "effect"), ("note",))
    rows: dict[str, dict[str, Any]] = {}
    for row in found:
        modifier = row.text("modifier").upper()
        if row.optional("modifier") and not _MODIFIER.fullmatch(modifier):
            remedy = "A modifier has two letters or digits; keep a leading zero."
            row.refuse("modifier", "the modifier does not look like one", remedy)
        effect = row.choice("effect", EFFECTS)
        if not row.problems and modifier in rows:
            row.refuse(
                "modifier", "the modifier is listed twice", "A modifier has one effect: keep one line."
            )
        if not row.problems:
            rows[modifier] = {"modifier": modifier, "effect": effect}
        problems += row.problems
    return list(rows.values()), problems


def read_code_rules(folder: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/code_rule`. A code ending in `*` is a prefix; the code's own rule goes before its prefix's."""
    required = ("code_system", "code", "unit_kind")
    optional = (
        "match_kind",
        "dose_per_unit",
        "dose_unit",
        "max_units",
        "is_two_sided",
        "is_add_on",
        "note",
    )
    found, problems = _read(folder, CODE_FILE, required, optional)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found:
        rule = _code_rule(row)
        key = (rule["code_system"], rule["code"])
        if not row.problems and key in rows:
            row.refuse("code", "the code is listed twice", "A code has one rule: keep one line.")
        if not row.problems:
            rows[key] = rule
        problems += row.problems
    return list(rows.values()), problems


def _read(
    folder: Path, file: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> tuple[list[Row], list[Problem]]:
    own = folder / file
    return read_rows(own if own.is_file() else DEFAULTS / file, file, required, optional)


def _code_rule(row: Row) -> dict[str, Any]:
    system = row.choice("code_system", tuple(_CODES))
    written = row.text("code").upper().replace(".", "")
    kind = row.optional("match_kind").lower() or ("prefix" if written.endswith("*") else "exact")
    code = written.rstrip("*")
    if kind not in ("exact", "prefix"):
        row.refuse("match_kind", "the value is not in the list", "Use one of: exact, prefix.")
    elif kind == "exact" and written.endswith("*"):
        row.refuse("match_kind", "a code with * cannot match exactly", "Remove the * or write prefix.")
    elif system in _CODES and written and not _looks_like(system, kind, code):
        remedy = "HCPCS codes have 5 characters, ICD-10-PCS codes 7 (without I and O); a prefix has fewer."
        row.refuse("code", f"the code does not look like {system}", remedy)
    unit_kind = row.choice("unit_kind", UNIT_KINDS)
    dose, dose_unit = row.number("dose_per_unit", 1e-6, _MOST), row.optional("dose_unit") or None
    if unit_kind == "dose":
        if dose is None and not row.optional("dose_per_unit"):
            row.refuse("dose_per_unit", "a dose without its size", "Say how much of the drug one unit is.")
        row.text("dose_unit")
    elif unit_kind in UNIT_KINDS and (row.optional("dose_per_unit") or dose_unit):
        column = "dose_per_unit" if row.optional("dose_per_unit") else "dose_unit"
        row.refuse(column, "only a code counted in doses has a dose", "Write dose as unit_kind, or empty it.")
    return {
        "code_system": system,
        "code": code,
        "match_kind": kind,
        "unit_kind": unit_kind,
        "dose_per_unit": dose,
        "dose_unit": dose_unit,
        "max_units": row.number("max_units", 1e-6, _MOST),
        "is_two_sided": _flag(row, "is_two_sided"),
        "is_add_on": _flag(row, "is_add_on"),
    }


def _looks_like(system: str, kind: str, code: str) -> bool:
    whole, stem = _CODES[system]
    return bool(whole.fullmatch(code) or (kind == "prefix" and stem.fullmatch(code)))


def _flag(row: Row, column: str) -> bool:
    value = row.optional(column).lower()
    if value not in _FLAGS:
        row.refuse(column, "the value is not in the list", "Use one of: yes, no (empty: no).")
    return _FLAGS.get(value, False)
