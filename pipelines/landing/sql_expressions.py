"""SQL text for the small questions every layout asks: is this an NPI, a ZIP, a code; what did its zeros look
like.

Pure functions from SQL text to SQL text. Each argument must be a column or a cheap expression: it is
repeated.
"""

from __future__ import annotations

from datetime import date

# First digit of a CCN that lost its leading zero → the state it can only be.
LOST_ZERO = {
    "1": "AL",
    "2": "AK",
    "3": "AZ",
    "4": "AR",
    "5": "CA",
    "6": "CO",
    "7": "CT",
    "8": "DE",
    "9": "DC",
}
NPI_PREFIX_SUM = 24  # what the constant prefix 80840 adds to the Luhn sum of an NPI (45 CFR 162.406)


def literal(value: str | int | float | date | None) -> str:
    """A Python value as a SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def whole_number_text(text: str) -> str:
    """Undo what a spreadsheet or data frame does to codes of digits: `'2.0'` → `'2'`; all else as it is."""
    return f"CASE WHEN {text} LIKE '%.0' THEN regexp_replace({text}, '^([0-9]+)\\.0$', '\\1') ELSE {text} END"


def padded_digits(text: str, width: int) -> str:
    """Digits filled up with leading zeros to `width`; anything else (also longer digits) as it is."""
    return (
        f"CASE WHEN length({text}) < {width} AND regexp_full_match({text}, '[0-9]+') "
        f"THEN lpad({text}, {width}, '0') ELSE {text} END"
    )


def when_matches(text: str, pattern: str) -> str:
    """`text` if the whole of it matches, else null."""
    return f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) THEN {text} END"


def npi_number(text: str) -> str:
    """The number of an NPI-shaped text (ten digits, first 1 or 2), else null. Input of `is_valid_npi`."""
    return f"CASE WHEN regexp_full_match({text}, '[12][0-9]{{9}}') THEN TRY_CAST({text} AS BIGINT) END"


def is_valid_npi(number: str) -> str:
    """Whether the check digit is right: Luhn over 80840 followed by the NPI. Null for a null `number`."""
    return f"(({NPI_PREFIX_SUM} + {' + '.join(_npi_digit_value(number, i) for i in range(10))}) % 10 = 0)"


def _npi_digit_value(number: str, position: int) -> str:
    """What the digit `position` places from the right adds to the Luhn sum: every second counts double."""
    digit = f"(({number} // {10**position}) % 10)"
    return f"(2 * {digit} - 9 * ({digit} > 4)::BIGINT)" if position % 2 else digit


def zip5(text: str) -> str:
    """Five digits out of ZIP, ZIP+4 with or without hyphen, and either with lost leading zeros; else null."""
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{3,5}}') THEN lpad({text}, 5, '0') "
        f"WHEN regexp_full_match({text}, '[0-9]{{7,9}}') THEN left(lpad({text}, 9, '0'), 5) "
        f"WHEN regexp_full_match({text}, '[0-9]{{5}}-([0-9]{{4}})?') THEN left({text}, 5) END"
    )


def state_letters(text: str) -> str:
    """Two upper-case letters, else null."""
    return f"CASE WHEN regexp_full_match({text}, '[A-Za-z]{{2}}') THEN upper({text}) END"


def is_po_box(address: str) -> str:
    """Whether a first address line names a post office box, where nobody can be visited. Null for no address."""
    return f"regexp_matches({address}, '(?i)^[^a-z0-9]*(p[. ]*o[. ]*(box|drawer|bx)|post office (box|drawer)|box [0-9])')"


def ccn(text: str, state: str) -> str:
    """A CMS certification number: six characters, the first two the code of the state; else null.

    One that lost the leading zero gets it back where that makes the code of the `state` beside it. Codes of one
    state are several for large states, but those that begin with 0 are nine, each of one state (CMS State
    Operations Manual, 2779A).
    """
    known = " OR ".join(
        f"({state} = '{letters}' AND {text} LIKE '{digit}%')" for digit, letters in LOST_ZERO.items()
    )
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{2}}[0-9A-Z][0-9]{{2}}[0-9A-Z]') THEN {text} "
        f"WHEN regexp_full_match({text}, '[0-9][0-9A-Z][0-9]{{2}}[0-9A-Z]') AND ({known}) THEN '0' || {text} END"
    )


def icd_code(text: str) -> str:
    """A diagnosis code without dots, hyphens and blanks in upper case; null where the rest has no possible shape.

    ICD-10-CM has 3 to 7 letters and digits, ICD-9-CM leftovers 3 to 5: both pass.
    """
    bare = f"upper(translate({text}, '. -', ''))"
    # Most codes are delivered bare, and one look at them is all they cost.
    return (
        f"CASE WHEN regexp_full_match({text}, '[A-Z0-9]{{3,7}}') THEN {text} "
        f"WHEN regexp_full_match({bare}, '[A-Z0-9]{{3,7}}') THEN {bare} END"
    )


def icd10pcs_code(text: str) -> str:
    """An ICD-10-PCS code in upper case: seven letters (never I or O) and digits; else null."""
    return f"CASE WHEN regexp_full_match(upper({text}), '[A-HJ-NP-Z0-9]{{7}}') THEN upper({text}) END"


def lost(before: str, after: str) -> str:
    """1 where a delivered value did not survive, else 0."""
    return f"({before} IS NOT NULL AND {after} IS NULL)::INTEGER"


def changed(before: str, after: str) -> str:
    """1 where a delivered value survived in another form, else 0."""
    return f"coalesce({before} <> {after}, false)::INTEGER"


# How a date may be written: the format's name → what the text looks like, and the date out of it.
DATE_FORMATS: dict[str, tuple[str, str]] = {
    "YYYY-MM-DD": ("[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00:00(\\.0+)?)?", "TRY_CAST(left({x}, 10) AS DATE)"),
    "MM/DD/YYYY": (
        "[0-9]{2}/[0-9]{2}/[0-9]{4}",
        "TRY_CAST({x}[7:10] || '-' || {x}[1:2] || '-' || {x}[4:5] AS DATE)",
    ),
    "YYYYMMDD": ("[0-9]{8}", "TRY_CAST({x}[1:4] || '-' || {x}[5:6] || '-' || {x}[7:8] AS DATE)"),
    "DD-Mon-YYYY": ("[0-9]{2}-[A-Za-z]{3}-[0-9]{4}", "TRY_CAST(TRY_STRPTIME({x}, '%d-%b-%Y') AS DATE)"),
}


def strict_date(text: str, formats: tuple[str, ...] = ("YYYY-MM-DD",)) -> str:
    """A date written in one of `formats` (names of DATE_FORMATS; ISO also with a time of midnight); else null."""
    cases = []
    for name in formats:
        shape, day = DATE_FORMATS[name]
        cases.append(f"WHEN regexp_full_match({text}, '{shape}') THEN {day.replace('{x}', text)}")
    return f"CASE {' '.join(cases)} END"


def strict_integer(text: str) -> str:
    """A whole number, `'3'` or `'3.0'`; `'3.5'` is null, never rounded."""
    return (
        f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]{{1,18}}(\\.0*)?') "
        f"THEN TRY_CAST(split_part({text}, '.', 1) AS BIGINT) END"
    )


def strict_number(text: str) -> str:
    """A plain decimal number; no separators of thousands, no currency signs, no NaN or infinity."""
    plain = r"[+-]?([0-9]{1,30}\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
    return f"CASE WHEN regexp_full_match({text}, '{plain}') THEN TRY_CAST({text} AS DOUBLE) END"
