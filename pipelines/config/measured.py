"""Numbers and choices as the business writes them: a value with its unit, its owner and its reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.config.marked_yaml import KeyPath, MarkedYaml

_PARTS = ("value", "unit", "owner", "reason")
_FORM = "Write it as {value: ..., unit: ..., owner: ..., reason: ...}."


@dataclass(frozen=True)
class Measured:
    value: Any
    unit: str
    owner: str
    reason: str


def read_measured(document: MarkedYaml, path: KeyPath, content: Any, unit: str) -> Measured | None:
    """`content` found at `path` as a value in `unit`; None, with one problem said, where it is not."""
    if not isinstance(content, dict):
        document.refuse(path, content, "the value stands without unit, owner and reason", _FORM)
        return None
    unknown = [key for key in content if key not in _PARTS]
    if unknown:
        document.refuse((*path, unknown[0]), None, "the key is not known here", _FORM)
        return None
    missing = [part for part in _PARTS if content.get(part) in (None, "")]
    if missing:
        found = content.get("value")
        document.refuse(path, found, f"the value has no {' and no '.join(missing)}", _FORM)
        return None
    if content["unit"] != unit:
        remedy = f"Give the value in {unit!r} and write that unit."
        document.refuse((*path, "unit"), content["unit"], "the unit is not the one that is used", remedy)
        return None
    return Measured(content["value"], unit, str(content["owner"]), str(content["reason"]))


def read_measured_number(
    document: MarkedYaml, path: KeyPath, content: Any, unit: str, *, lowest: float, highest: float
) -> float | None:
    """A measured number from `lowest` to `highest` (inclusive), else None with one problem said."""
    measured = read_measured(document, path, content, unit)
    if measured is None:
        return None
    if not is_number(measured.value) or not lowest <= measured.value <= highest:
        remedy = f"Use a number from {lowest:g} to {highest:g}."
        document.refuse((*path, "value"), measured.value, "the number is out of range or is none", remedy)
        return None
    return float(measured.value)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def nearest(name: str, names: Iterable[str]) -> str:
    """ "Did you mean 'x'? " for the most similar known name, else nothing."""
    match = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.5)
    return f"Did you mean {match[0]!r}? " if match else ""
