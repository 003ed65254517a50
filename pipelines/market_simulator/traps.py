"""Which traps a market has, and how often: a rate per trap, all 0 unless asked for.

Belongs here: the names and what a rate means. A visit can be caught by one trap of each family at once: by a shape (how
it is billed), a history (what happens to its claims), a feed (who tells of it), a diagnosis and a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.market_simulator.case_histories import HISTORY_NAMES
from pipelines.market_simulator.case_shapes import SHAPE_NAMES

OPEN_COPY, OPEN_ONLY = "open_copy", "open_only"
FEEDS = {OPEN_COPY: "T6", OPEN_ONLY: "T6"}
DIAGNOSIS_TRAPS = {
    "diagnosis_spelling": "T32",
    "diagnosis_icd9": "T32",
    "diagnosis_history_of": "T31",
    "diagnosis_screening": "T31",
    "diagnosis_ruled_out": "T31",
}
TEST_PATIENT = "test_patient"
PERSONS = {TEST_PATIENT: "T36"}
CODE_CHANGES = {"late_code_user": "T11"}
FAMILIES: dict[str, tuple[str, ...]] = {
    "shape": SHAPE_NAMES,
    "history": HISTORY_NAMES,
    "feed": tuple(FEEDS),
    "diagnosis": tuple(DIAGNOSIS_TRAPS),
    "person": tuple(PERSONS),
    "code": tuple(CODE_CHANGES),
}
TRAP_NAMES = tuple(name for names in FAMILIES.values() for name in names)
Fault = tuple[str, object, str]


@dataclass(frozen=True)
class Traps:
    """`rates`: trap → share of the visits that can have it (a shape needs a fitting visit type). The rates of a family
    add up to at most 1 for any visit.

    `overlap_months`: every refresh also repeats what became known in so many months before it. `swaps_frequencies`: the
    source writes 8 for a replacement and 7 for a void. `code_change_month` (YYYY-MM): from its first day on one product
    code is deleted and its successor billed, but for the `late_code_user`s.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    overlap_months: int = 0
    swaps_frequencies: bool = False
    code_change_month: str | None = None

    @property
    def is_any(self) -> bool:
        return self.code_change_month is not None or any(rate > 0 for rate in self.rates.values())

    def rate(self, name: str) -> float:
        return self.rates.get(name, 0.0)

    def faults(self) -> list[Fault]:
        """What makes no sense, as (key, value, message)."""
        faults: list[Fault] = []
        for name, rate in self.rates.items():
            if name not in TRAP_NAMES:
                faults.append(
                    (f"traps.rates[{name}]", rate, f"is no trap; there are {', '.join(TRAP_NAMES)}")
                )
            elif not 0 <= rate <= 1:
                faults.append((f"traps.rates[{name}]", rate, "is a share and must lie between 0 and 1"))
        for family, names in FAMILIES.items():
            total = sum(self.rate(name) for name in names)
            if total > 1 + 1e-9:
                faults.append(
                    (f"traps.rates of {family}", total, "the rates of one family must not exceed 1 together")
                )
        if self.overlap_months < 0:
            faults.append(("traps.overlap_months", self.overlap_months, "must not be negative"))
        if self.rate("late_code_user") and self.code_change_month is None:
            faults.append(("traps.code_change_month", None, "late users of a code need a month of change"))
        return faults


def all_traps(
    *,
    shapes: float = 0.5,
    histories: float = 0.4,
    feeds: float = 0.3,
    diagnoses: float = 0.25,
    test_patients: float = 0.01,
    late_code_users: float = 0.2,
    code_change_month: str | None = None,
    overlap_months: int = 0,
) -> Traps:
    """Every trap at once: each family catches this share of the visits that can have it, evenly among its members.

    Without `code_change_month` no code is deleted. The source with swapped frequency codes is no part of it: it is to
    be refused, not to be counted.
    """
    shares = {
        "shape": shapes,
        "history": histories,
        "feed": feeds,
        "diagnosis": diagnoses,
        "person": test_patients,
    }
    rates = {
        name: share / len(FAMILIES[family]) for family, share in shares.items() for name in FAMILIES[family]
    }
    if code_change_month is not None:
        rates["late_code_user"] = late_code_users
    return Traps(rates=rates, overlap_months=overlap_months, code_change_month=code_change_month)
