"""Values that name a person in columns that should not: the second look, after the columns' names.

Belongs here: what identifier-like text looks like, and where in landed claim lines free text can stand. Columns that
name people never get this far (`columns.py`); person ids are tokens by now.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.landing.sql_expressions import literal

LOOKS = {
    "a social security number": r"(^|[^0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}($|[^0-9])",
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "a telephone number": r"(^|[^0-9])(\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-.][0-9]{4}($|[^0-9])",
}


FREE_TEXT = {"payer": tuple(LOOKS), "plan": tuple(LOOKS)}
# A claim's number may well look like a telephone number.
NUMBERS = dict.fromkeys(("claim_id", "prior_claim_id"), ("a social security number", "an e-mail address"))


def identifying_values(landed: Path) -> list[tuple[str, str, int]]:
    """(column, what its values look like, rows) of a landed claims file, sorted. The values are not repeated.

    One pass; a text without `@`, `(`, `.` or `-` costs one simple pattern.
    """
    relation = f"read_parquet({literal(str(landed))})"
    with duckdb.connect() as connection:
        present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
        places = [
            (column, what)
            for column, looks in {**FREE_TEXT, **NUMBERS}.items()
            if column in present
            for what in looks
        ]
        if not places:
            return []
        counts = ", ".join(
            f"count(*) FILTER (WHERE regexp_matches({column}, '[@(.-]') "
            f"AND regexp_matches({column}, {literal(LOOKS[what])}))"
            for column, what in places
        )
        found = connection.execute(f"SELECT {counts} FROM {relation}").fetchone() or ()
    return sorted((column, what, rows) for (column, what), rows in zip(places, found, strict=True) if rows)
