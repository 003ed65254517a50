"""`opt_outs.csv`: providers whose own figures must not reach representatives (PDRP and the like)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import read_rows
from pipelines.problems import Problem

FILE = "opt_outs.csv"
_COLUMNS = ("npi", "effective_from", "effective_to", "reason")


def read_opt_outs(folder: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/opt_out`, sorted by npi and first day; a folder without the file has none.

    A row whose NPI cannot be one is refused: it would look like an opt-out and protect nobody. Of two rows with the
    same npi and first day, the one that lasts longer holds.
    """
    if not (folder / FILE).is_file():
        return [], []
    found, problems = read_rows(folder / FILE, FILE, _COLUMNS)
    rows: dict[tuple[str, Any], dict[str, Any]] = {}
    for row in found:
        npi = row.text("npi")
        if npi and not re.fullmatch(r"[12]\d{9}", npi):
            row.refuse("npi", "the value is not an NPI", "Write the ten digits of the provider's NPI.")
        start, end = row.window()
        problems += row.problems
        if row.problems:
            continue
        entry = {"npi": npi, "effective_from": start, "effective_to": end, "reason": row.optional("reason")}
        twin = rows.get((npi, start))
        if twin is None or (twin["effective_to"] is not None and (end is None or end > twin["effective_to"])):
            rows[npi, start] = entry
    return [rows[key] for key in sorted(rows)], problems
