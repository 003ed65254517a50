"""Visits as arrays: what a shard of a month holds before it is laid out as claim lines.

A visit may carry one or two claims and several lines; claim_lines.py lays them out. A patient has at most
one visit a day, so a service (patient × date × code) belongs to one visit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass
class Visits:
    """One row per visit; (`block`, `number`) names it within its shard.

    `provider`, `group`, `site`, `patient` are positions in the market's arrays; `site` is the organisation
    of the claim's facility NPI, or -1. `day` counts from 1970-01-01. `diagnosis` is [visit, 3]. [visit,
    slot]: `code` (NO_CODE where the slot is empty), `units`, `modifier` (or NO_MODIFIER), `charge` in
    cents. [visit, claim 0/1]: months `known`, `replaced`, `voided`, `resent` (UNKNOWN where there is no
    such claim or version), `correction` (steps by which a replacement moves the viscosupplement code),
    `amount_factor`, `paid_at`.
    """

    block: np.ndarray
    number: np.ndarray
    visit_type: np.ndarray
    provider: np.ndarray
    group: np.ndarray
    site: np.ndarray
    patient: np.ndarray
    day: np.ndarray
    diagnosis: np.ndarray
    code: np.ndarray
    units: np.ndarray
    modifier: np.ndarray
    charge: np.ndarray
    allowed_share: np.ndarray
    known: np.ndarray
    replaced: np.ndarray
    voided: np.ndarray
    resent: np.ndarray
    correction: np.ndarray
    amount_factor: np.ndarray
    paid_at: np.ndarray

    def take(self, keep: np.ndarray) -> Visits:
        return Visits(**{item.name: getattr(self, item.name)[keep] for item in fields(self)})

    def __len__(self) -> int:
        return len(self.number)

    @property
    def located_at(self) -> np.ndarray:
        """The organisation where each visit took place: the site, else the practice that bills."""
        return np.where(self.site >= 0, self.site, self.group)

    def once_a_day(self) -> Visits:
        """Without the later ones of a patient's visits on one day (the first in array order stays)."""
        _, first = np.unique(self.patient * 100_000 + self.day, return_index=True)
        return self.take(np.sort(first))


def concatenate(parts: list[Visits]) -> Visits:
    return Visits(
        **{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Visits)}
    )
