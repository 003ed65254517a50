"""What sqlfluff needs to know of dbt's own macros to render the models without dbt."""

from __future__ import annotations


def type_string() -> str:
    return "string"


def dateadd(datepart: str, interval: object, from_date_or_timestamp: str) -> str:
    return f"({from_date_or_timestamp} + interval ({interval}) {datepart})"
