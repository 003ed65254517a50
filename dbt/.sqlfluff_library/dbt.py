"""What sqlfluff needs to know of dbt's own macros to render the models without dbt."""

from __future__ import annotations


def type_string() -> str:
    return "string"


def dateadd(datepart: str, interval: object, from_date_or_timestamp: str) -> str:
    return f"({from_date_or_timestamp} + interval ({interval}) {datepart})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    return f"datediff('{datepart}', {first_date}, {second_date})"
