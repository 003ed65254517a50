"""A release of a code set as data: either the whole list as of a day, or a list of what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SYSTEM_OF_CODE_SET = {"icd10cm": "icd10cm", "icd10pcs": "icd10pcs", "hcpcs": "hcpcs", "cpt": "hcpcs"}
"""CPT and HCPCS Level II come as lists of their own; on a claim line both are `hcpcs`."""

LISTED, ADDED, DELETED, REVISED = "listed", "added", "deleted", "revised"


@dataclass(frozen=True)
class CodeLine:
    """What a release says of one code: its status there, and its own dates where the release gives them.

    `effective_to` is the last day on which the code may be used; None: not said.
    """

    code: str
    status: str
    effective_from: date | None = None
    effective_to: date | None = None


@dataclass(frozen=True)
class Release:
    """`codes` is everything that may be used from `effective_from` on, or None for a list of changes.

    `lines` are the codes on which the release says more than that they are there.
    """

    code_set: str
    name: str
    effective_from: date
    codes: frozenset[str] | None
    lines: tuple[CodeLine, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.codes is not None

    @property
    def code_system(self) -> str:
        return SYSTEM_OF_CODE_SET[self.code_set]


def in_order(releases: list[Release]) -> list[Release]:
    """By code set and day; of two on one day, by name."""
    return sorted(releases, key=lambda release: (release.code_set, release.effective_from, release.name))
