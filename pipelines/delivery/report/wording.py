"""Numbers and codes as a reader says them: rounded, with units, and a dash where there is nothing to say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

DASH = "–"


def is_known(value: Any) -> bool:
    """True unless the value is None, NaN, NA or NaT."""
    return value is not None and not pd.isna(value)


def money(value: Any) -> str:
    """`$1.24M`: three significant digits, for tables."""
    if not is_known(value):
        return DASH
    size, sign = abs(float(value)), "−" if float(value) < 0 else ""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        # 999 600 is a million to three digits, not 1000 thousand.
        if size >= limit * 0.9995:
            return f"{sign}${_three_digits(size / limit)}{unit}"
    return f"{sign}${size:,.0f}"


def money_words(value: Any) -> str:
    """`$1.24 million`, for sentences."""
    text = money(value)
    return {"B": " billion", "M": " million", "K": " thousand"}.get(text[-1], text[-1]).join([text[:-1], ""])


def dollars(value: Any) -> str:
    """`$1,234,567`."""
    return f"{'−' if float(value) < 0 else ''}${abs(float(value)):,.0f}" if is_known(value) else DASH


def whole(value: Any) -> str:
    """`1,234`."""
    return f"{float(value):,.0f}".replace("-", "−") if is_known(value) else DASH


def percent(share: Any) -> str:
    """`12%`, one decimal below 10%; `less than 0.1%` for what would read as zero but is not."""
    if not is_known(share):
        return DASH
    value = float(share) * 100
    if 0 < abs(value) < 0.1:
        return "less than 0.1%"
    digits = 0 if abs(value) >= 10 or round(value, 1) == round(value) else 1
    return f"{value:.{digits}f}%".replace("-", "−")


def change(share: Any) -> str:
    """`+12%` or `−3.5%`; `no change` where it rounds to nothing."""
    if not is_known(share):
        return DASH
    if abs(float(share)) < 0.001:
        return "no change"
    return ("+" if float(share) > 0 else "") + percent(share)


def count(number: Any, singular: str, plural: str | None = None) -> str:
    """`1 territory`, `30 territories`."""
    return f"{whole(number)} {singular if float(number) == 1 else plural or singular + 's'}"


def long_date(value: Any) -> str:
    """`January 31, 2026`."""
    day = _as_date(value)
    return f"{day:%B} {day.day}, {day.year}" if day else DASH


def reach(value: Any) -> str:
    """How far data go: a first of the month stands for its whole month, any other day for itself."""
    day = _as_date(value)
    return month(day) if day and day.day == 1 else long_date(day)


def month(value: Any) -> str:
    """`January 2026`."""
    day = _as_date(value)
    return f"{day:%B %Y}" if day else DASH


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else list(parts))


def spoken(code: Any) -> str:
    """`procedure_volume_shift` → `Procedure volume shift`."""
    if not is_known(code):
        return DASH
    text = re.sub(r"[_-]+", " ", str(code)).strip()
    return text[:1].upper() + text[1:]


def with_names(text: str, names: Mapping[str, str]) -> str:
    """`text` with each territory id in it replaced by the territory's name: readers know names."""
    if not names:
        return text
    ids = "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    return re.sub(rf"(?<![\w-])({ids})(?![\w-])", lambda found: names[found[1]], text)


def _three_digits(value: float) -> str:
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f}"


def _as_date(value: Any) -> date | None:
    if not is_known(value):
        return None
    stamp = pd.to_datetime(value, errors="coerce")
    return None if pd.isna(stamp) else stamp.date()
