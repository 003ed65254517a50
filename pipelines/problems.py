"""How bad input is reported: one problem, one sentence, with file, place, value and remedy.

A `Problem` is data, so it can be counted, kept beside the receipt and shown in the UI. `InputRefused` carries
problems where nothing can go on without the input.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with one input.

    `place` names where in the file: "line 12, column hcpcs_code", "key products[2].price_usd" or "whole file".
    `value` is what was found (never a patient identifier), `remedy` what the sender can do about it.
    """

    file: str
    place: str
    value: str
    message: str
    remedy: str

    def sentence(self) -> str:
        found = f" (found {self.value!r})" if self.value else ""
        return f"{self.file}, {self.place}: {self.message}{found}. {self.remedy}"

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class InputRefused(ValueError):
    """Raised when an input as a whole cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__("\n".join(problem.sentence() for problem in self.problems))
