"""Opt-outs: who may not be shown, and what is no opt-out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.config.opt_outs import read_opt_outs

HEADER = "npi,effective_from,effective_to,reason"


def test_rows_are_read_and_bad_ones_named(tmp_path: Path) -> None:
    """A wrong NPI protects nobody, so it is refused with its line; of two alike the longer one holds."""
    lines = [
        HEADER,
        "1000000002,2025-01-01,2025-06-30,PDRP",
        "1000000002,2025-01-01,,PDRP",
        "12,,,x",
        "1000000001,,,asked",
    ]
    (tmp_path / "opt_outs.csv").write_text("\n".join(lines), encoding="utf-8")
    rows, problems = read_opt_outs(tmp_path)
    assert [(row["npi"], row["effective_from"], row["effective_to"]) for row in rows] == [
        ("1000000001", date(1900, 1, 1), None),
        ("1000000002", date(2025, 1, 1), None),
    ]
    assert [(problem.place, problem.value) for problem in problems] == [("line 4, column npi", "12")]


def test_a_folder_without_the_file_has_none(tmp_path: Path) -> None:
    """Homes from before there was one go on."""
    assert read_opt_outs(tmp_path) == ([], [])
