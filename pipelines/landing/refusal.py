"""The refusal of one file or delivery for one reason."""

from __future__ import annotations

from pipelines.problems import InputRefused, Problem


def refusal(file: str, place: str, value: str, message: str, remedy: str) -> InputRefused:
    """An InputRefused with a single problem, to be raised."""
    return InputRefused([Problem(file, place, value, message, remedy)])
