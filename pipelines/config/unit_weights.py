"""`unit_weights.csv`: what a billed unit of a procedure code is worth in billing intensity, other than dollars."""

from __future__ import annotations

from pathlib import Path

from pipelines.config.code_spelling import PROCEDURE_SYSTEMS, spell
from pipelines.config.csv_rows import read_rows
from pipelines.problems import Problem

FILE = "unit_weights.csv"
_COLUMNS = ("code", "weight", "reason")


def read_unit_weights(folder: Path) -> tuple[dict[str, float], list[Problem]]:
    """Weight by procedure code (relative value units or the like); a folder without the file has none.

    Where there are any, codes without a weight count nothing; products none of whose codes has one stay in dollars.
    """
    if not (folder / FILE).is_file():
        return {}, []
    found, problems = read_rows(folder / FILE, FILE, _COLUMNS)
    weights: dict[str, float] = {}
    for row in found:
        written = row.text("code")
        spellings = [spell(system, written) for system in PROCEDURE_SYSTEMS]
        code = next((spelling.code for spelling in spellings if spelling.code), "")
        if written and not code:
            row.refuse("code", spellings[0].message, spellings[0].remedy)
        weight = row.number("weight", 0.0, 1e6)
        if weight is None and not row.optional("weight"):
            row.refuse("weight", "the value is missing", "Fill in what one unit is worth.")
        if not row.problems and code in weights:
            row.refuse("code", "the code has two weights", "Keep one of the two rows.")
        if not row.problems and weight is not None:
            weights[code] = weight
        problems += row.problems
    return dict(sorted(weights.items())), problems
