"""`value_sets/<product_id>.csv`: the codes of a product, one entry a line.

An entry is one code, all codes that begin with some characters (`M17*`), or a range by its ends (`code_to`); it
includes or excludes. What an exclusion holds is taken from what the others include, whatever the order of the lines.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config.code_spelling import CODE_SYSTEMS, spell
from pipelines.config.csv_rows import Row, read_rows, windows_overlap
from pipelines.config.measured import nearest
from pipelines.config.products import FILE as PRODUCTS_FILE
from pipelines.config.products import Products
from pipelines.problems import Problem

FOLDER = "value_sets"
REQUIRED = ("code_system", "code", "effective_from", "effective_to")
OPTIONAL = ("role", "match_kind", "code_to", "note")
ROLES, KINDS = ("include", "exclude"), ("exact", "prefix", "range")
Entry = dict[str, Any]


def read_value_sets(folder: Path, products: Products) -> tuple[list[Entry], list[Problem]]:
    """Rows of `config/value_set_code`: those of every product that has a file.

    Two entries of the same codes, role and time are one too many; an exclusion that leaves nothing of a line is refused.
    """
    rows: list[Entry] = []
    problems: list[Problem] = []
    for product_id in sorted(products.rows):
        file = f"{FOLDER}/{product_id}.csv"
        found, wrong = read_rows(folder / FOLDER / f"{product_id}.csv", file, REQUIRED, OPTIONAL)
        entries: list[tuple[Row, Entry]] = []
        for row in found:
            entry = _entry(row, product_id)
            if not row.problems and any(_is_same(entry, old) for _, old in entries):
                row.refuse(
                    "code", "the code is listed twice for the same time", "Keep one line, or part the dates."
                )
            if not row.problems:
                entries.append((row, entry))
        kept = _without_empty_includes(entries)
        rows += kept
        problems += wrong + [problem for row in found for problem in row.problems]
        if not wrong and not any(entry["role"] == "include" for entry in kept):
            message = "no code is left for this product"
            problems.append(Problem(file, "whole file", "", message, "Add at least one code."))
    for path in sorted((folder / FOLDER).glob("*.csv")):
        if products.unknown(path.stem):
            remedy = (
                nearest(path.stem, products.rows) + f"Name the file after a valid product of {PRODUCTS_FILE}."
            )
            message = "the file belongs to no known product"
            problems.append(Problem(f"{FOLDER}/{path.name}", "whole file", path.stem, message, remedy))
    return rows, problems


def _entry(row: Row, product_id: str) -> Entry:
    system = row.choice("code_system", CODE_SYSTEMS)
    role = row.choice("role", ROLES) if row.optional("role") else "include"
    written, written_to = row.text("code"), row.optional("code_to")
    kind = row.optional("match_kind").lower() or _kind_of(written, written_to)
    if kind not in KINDS:
        row.refuse("match_kind", "the value is not in the list", "Use one of: " + ", ".join(KINDS) + ".")
    elif kind != "prefix" and written.endswith("*"):
        row.refuse(
            "match_kind",
            "a code with * begins codes and cannot match " + ("exactly" if kind == "exact" else f"as {kind}"),
            "Remove the * or write prefix.",
        )
    elif kind == "range" and not written_to:
        row.refuse("code_to", "the range has no end", "Fill in the last code, or write exact.")
    elif kind != "range" and written_to:
        row.refuse("match_kind", "only a range has a last code", "Write range, or empty code_to.")
    code, code_to = "", ""
    if system in CODE_SYSTEMS and written and not row.problems:
        is_stem = kind != "exact"
        code = _spelled(row, "code", system, written.rstrip("*"), is_stem)
        code_to = _spelled(row, "code_to", system, written_to, is_stem) if kind == "range" else ""
    if kind == "range" and not row.problems:
        _check_range(row, code, code_to)
    start, end = row.window()
    return {
        "product_id": product_id,
        "code_system": system,
        "role": role,
        "code": code,
        "code_to": code_to or None,
        "match_kind": kind,
        "effective_from": start,
        "effective_to": end,
    }


def _kind_of(code: str, code_to: str) -> str:
    if code_to:
        return "range"
    return "prefix" if code.endswith("*") else "exact"


def _spelled(row: Row, column: str, system: str, text: str, is_stem: bool) -> str:
    """The code in its one spelling; what looks like another code set is named as such."""
    spelling = spell(system, text, is_stem=is_stem)
    if spelling.code:
        return spelling.code
    others = [name for name in CODE_SYSTEMS if name != system and not is_stem and spell(name, text).code]
    hint = f" It has the form of {' or '.join(others)}." if others else ""
    row.refuse(column, spelling.message, spelling.remedy + hint)
    return ""


def _check_range(row: Row, code: str, code_to: str) -> None:
    if code_to < code[: len(code_to)]:
        row.refuse("code_to", f"the range ends before it begins ({code})", "Write the lower code first.")
    elif code[0].isdigit() != code_to[0].isdigit():
        message = f"the range begins in one family of codes ({code}) and ends in another"
        row.refuse("code_to", message, "Write one range for each family.")


def _is_same(a: Entry, b: Entry) -> bool:
    names = ("product_id", "code_system", "role", "code", "code_to")
    return all(a[name] == b[name] for name in names) and windows_overlap(a, b)


def _without_empty_includes(entries: list[tuple[Row, Entry]]) -> list[Entry]:
    """The entries; an exclusion that leaves nothing of some line's codes and days is refused and left out."""
    includes = [entry for _, entry in entries if entry["role"] == "include"]
    refused = []
    for row, entry in entries:
        if entry["role"] == "include":
            continue
        emptied = next((kept for kept in includes if _holds(entry, kept)), None)
        if emptied is not None:
            message = f"the exclusion removes all that {emptied['code_system']} {emptied['code']} includes"
            row.refuse("code", message, "Remove one of the two lines, or narrow the exclusion.")
            refused.append(entry)
    return [entry for _, entry in entries if not any(entry is bad for bad in refused)]


def _holds(outer: Entry, inner: Entry) -> bool:
    """Whether every code and day of `inner` is one of `outer`."""
    if outer["code_system"] != inner["code_system"] or outer["effective_from"] > inner["effective_from"]:
        return False
    if (outer["effective_to"] or date.max) < (inner["effective_to"] or date.max):
        return False
    first, last = outer["code"], outer["code_to"] or outer["code"]
    low, high = inner["code"], inner["code_to"] or inner["code"]
    if outer["match_kind"] == "exact":
        return inner["match_kind"] == "exact" and first == low
    return (
        len(low) >= len(first)
        and len(high) >= len(last)
        and low[: len(first)] >= first
        and high[: len(last)] <= last
    )
