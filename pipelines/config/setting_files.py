"""`settings.yml`: every setting of the registry, read and held against its rule."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from pipelines.config.marked_yaml import MarkedYaml, read_marked_yaml
from pipelines.config.measured import is_number, nearest, read_measured
from pipelines.config.model import Setting
from pipelines.config.settings import (
    AT_MOST_ONE,
    EXACTLY_ONE,
    ORDERED_PAIRS,
    SETTINGS,
    STATES,
    SettingRule,
    SettingValue,
)
from pipelines.problems import InputRefused, Problem

FILE = "settings.yml"


def read_settings(folder: Path) -> tuple[dict[str, Setting], list[Problem]]:
    """Settings by name. Raises InputRefused where one that is required is missing or cannot be used."""
    document = read_marked_yaml(folder / FILE, FILE)
    settings: dict[str, Setting] = {}
    for name, content in document.content.items():
        if name not in SETTINGS:
            remedy = nearest(name, SETTINGS) + "Remove or rename it; it has no effect."
            document.refuse((name,), None, "no setting has this name", remedy)
            continue
        setting = _setting(document, SETTINGS[name], content)
        if setting is not None:
            settings[name] = setting
    _check_together(document, settings)
    _complete(document, settings)
    return dict(sorted(settings.items())), document.problems


def _setting(document: MarkedYaml, rule: SettingRule, content: Any) -> Setting | None:
    measured = read_measured(document, (rule.name,), content, rule.unit)
    if measured is None:
        return None
    value = _value(rule, measured.value)
    if value is None:
        message = "the value is not allowed for this setting"
        remedy = f"Use {rule.allowed()}: {rule.meaning}."
        document.refuse((rule.name, "value"), measured.value, message, remedy)
        return None
    return Setting(rule.name, value, rule.unit, measured.owner, measured.reason)


def _value(rule: SettingRule, value: Any) -> SettingValue | None:
    """The value in canonical form (a number is a float, 1 and 1.0 are one), or None where not allowed."""
    if rule.kind == "choice":
        return value if value in rule.choices else None
    if rule.kind == "states":
        names = sorted(set(str(value).split()))
        return " ".join(names) if names == ["all"] or (names and set(names) <= set(STATES)) else None
    if not is_number(value) or not rule.lowest <= value <= rule.highest:
        return None
    if rule.kind == "integer":
        return int(value) if float(value).is_integer() else None
    return float(value)


def _check_together(document: MarkedYaml, settings: dict[str, Setting]) -> None:
    def pair(first: str, second: str) -> tuple[float, float] | None:
        if first not in settings or second not in settings:
            return None
        return float(settings[first].value), float(settings[second].value)

    for low, high in ORDERED_PAIRS:
        values = pair(low, high)
        if values and values[0] > values[1]:
            document.refuse((low,), values[0], f"{low} is above {high}", "Swap or correct the two.")
            del settings[low]
    for pairs, exact in ((AT_MOST_ONE, False), (EXACTLY_ONE, True)):
        for first, second in pairs:
            values = pair(first, second)
            total = sum(Fraction(str(value)) for value in values or (1.0,))  # 0.7 is seven tenths
            if total > 1 or (exact and total < 1):
                rule = "must add up to 1" if exact else "must not add up to more than 1"
                document.refuse(
                    (second,), f"{float(total):g}", f"{first} and {second} {rule}", "Correct the two."
                )
                del settings[second]


def _complete(document: MarkedYaml, settings: dict[str, Setting]) -> None:
    refused_or_missing = False
    for rule in SETTINGS.values():
        if rule.name in settings:
            continue
        if rule.default is not None:
            reason = f"Not set in {FILE}; the default leaves the meaning unchanged: {rule.meaning}."
            settings[rule.name] = Setting(rule.name, rule.default, rule.unit, "claimline", reason)
            continue
        refused_or_missing = True
        if rule.name not in document.content:
            message = f"the required setting {rule.name} is missing"
            remedy = f"Add it in the unit {rule.unit!r}, {rule.allowed()}: {rule.meaning}."
            document.problems.append(Problem(FILE, f"key {rule.name}", "", message, remedy))
    if refused_or_missing:
        raise InputRefused(document.problems)
