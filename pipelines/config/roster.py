"""`roster.csv`: who sells, from where, and with what experience."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import Row, read_rows
from pipelines.problems import Problem

FILE = "roster.csv"
LEVELS = ("new", "experienced", "senior")
_COLUMNS = (
    "rep_id",
    "rep_name",
    "base_zip",
    "experience_years",
    "experience_level",
    "specialties",
    "hired_date",
)


def read_roster(folder: Path, located_zips: Set[str]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/roster`; `located_zips` are the ZIPs a drive can start from.

    `specialties` are product ids or clinical domains, separated by `;`.
    """
    found, problems = read_rows(folder / FILE, FILE, _COLUMNS)
    rows: dict[str, dict[str, Any]] = {}
    for row in found:
        rep = _rep(row, located_zips)
        if not row.problems and rep["rep_id"] in rows:
            row.refuse("rep_id", "the rep_id is used twice", "Give every roster member an own id.")
        if not row.problems:
            rows[rep["rep_id"]] = rep
        problems += row.problems
    return list(rows.values()), problems


def _rep(row: Row, located_zips: Set[str]) -> dict[str, Any]:
    base_zip = row.optional("base_zip")
    if base_zip not in located_zips:
        padded = base_zip.zfill(5)
        lost_zero = len(base_zip) < 5 and padded in located_zips
        remedy = (
            f"Did you mean {padded}? Format the column as text."
            if lost_zero
            else ("Use the five-digit ZIP that the rep starts from; it must have a place on the map.")
        )
        row.refuse("base_zip", "the ZIP is not in the ZIP table or has no location", remedy)
    years = row.number("experience_years", 0.0, 70.0)
    if years is None and not row.optional("experience_years"):
        row.refuse("experience_years", "the value is missing", "Fill in the years of field experience.")
    specialties = sorted({part.strip() for part in row.optional("specialties").split(";")} - {""})
    return {
        "rep_id": row.text("rep_id"),
        "rep_name": row.text("rep_name"),
        "base_zip": base_zip,
        "experience_years": years,
        "experience_level": row.choice("experience_level", LEVELS),
        "specialties": specialties,
        "hired_date": row.day("hired_date"),
    }
