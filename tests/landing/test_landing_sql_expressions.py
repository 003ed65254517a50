"""The SQL building blocks, on values that vendors really send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.landing import sql_expressions as sql


def evaluate(expression: Callable[[str], str], value: str | None) -> object:
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {expression('x')} FROM (SELECT ?::VARCHAR AS x)", [value]
        ).fetchall()[0][0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("2026-02-28 00:00:00", date(2026, 2, 28)),
        ("2026-02-30", None),
        ("2026-2-8", None),
        ("20260228", None),
        ("02/28/2026", None),
        ("2026-02-28 13:30:00", None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_dates_are_read_strictly(value: str | None, expected: date | None) -> None:
    """Only YYYY-MM-DD is a date; nothing is guessed."""
    assert evaluate(sql.strict_date, value) == expected


def test_registry_dates_are_read_where_allowed() -> None:
    """MM/DD/YYYY is a date only in layouts that say so, and an impossible one is still none."""
    assert evaluate(lambda x: sql.strict_date(x, ("YYYY-MM-DD", "MM/DD/YYYY")), "05/08/2008") == date(
        2008, 5, 8
    )
    assert evaluate(lambda x: sql.strict_date(x, ("YYYY-MM-DD", "MM/DD/YYYY")), "13/08/2008") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("3", 3), ("3.0", 3), ("-1", -1), ("3.5", None), ("1e2", None), ("1,000", None), ("x", None)],
)
def test_whole_numbers_are_never_rounded(value: str, expected: int | None) -> None:
    """A fraction is not a whole number, though a cast would round it."""
    assert evaluate(sql.strict_integer, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("-99.55", -99.55), ("0", 0.0), (".5", 0.5), ("1e3", 1000.0), ("1e999", None),
        ("nan", None), ("inf", None), ("1,000.00", None), ("$5", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_are_plain_and_finite(value: str, expected: float | None) -> None:
    """Negative amounts are numbers; NaN, infinity and formatted money are not."""
    assert evaluate(sql.strict_number, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("04101", "04101"), ("4101", "04101"), ("802", "00802"), ("283044552", "28304"), ("76451718", "07645"),
        ("04101-1234", "04101"), ("04101-", "04101"), ("K1A0B1", None), ("12", None), ("123456", None),
    ],
)  # fmt: skip
def test_zips_get_their_zeros_back(value: str, expected: str | None) -> None:
    """ZIP and ZIP+4, with and without their leading zeros, become five digits; anything else nothing."""
    assert evaluate(sql.zip5, value) == expected


@pytest.mark.parametrize(
    "spelling", ["M17.11", "m1711", " M17 11", "M1711", "m17.11", "M17-11", "m17. 11", "M17.11 "]
)
def test_spellings_of_a_diagnosis_are_one(spelling: str) -> None:
    """Dots, blanks and letter case do not make another diagnosis."""
    assert evaluate(sql.icd_code, spelling) == "M1711"


def is_npi(text: str) -> bool:
    """The check digit as 45 CFR 162.406 tells it: Luhn over 80840 and the NPI."""
    if len(text) != 10 or not text.isascii() or not text.isdigit() or text[0] not in "12":
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed("80840" + text))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def valid_npi_sql(x: str) -> str:
    return f"coalesce({sql.is_valid_npi(sql.npi_number(x))}, false)"


@given(
    st.lists(
        st.one_of(st.integers(10**9, 3 * 10**9).map(str), st.text("0129 .+e", max_size=11)),
        min_size=1,
        max_size=50,
    )
)
@settings(max_examples=40, deadline=None)
def test_check_digits_agree_with_the_definition(values: list[str]) -> None:
    """The arithmetic SQL and the digit-by-digit definition accept the same NPIs."""
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {valid_npi_sql('x')} FROM (SELECT unnest(?::VARCHAR[]) AS x)", [values]
        ).fetchall()
    assert [row[0] for row in found] == [is_npi(value) for value in values]


def test_a_known_npi_is_valid_and_its_typo_is_not() -> None:
    """1234567893 is the example of the standard; one digit off must fail."""
    assert evaluate(valid_npi_sql, "1234567893") is True
    assert evaluate(valid_npi_sql, "1234567894") is False


def test_literals_cannot_break_out() -> None:
    """A quote in a payer's name stays inside its literal."""
    assert evaluate(lambda _: sql.literal("O'Neil; DROP"), "") == "O'Neil; DROP"
