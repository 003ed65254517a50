"""Shapes and histories compiled to arrays: for every pair, the rows it delivers and the services that are true.

Belongs here: turning the data of case_shapes.py and case_histories.py into columns that whole shards can index. Does
not belong here: which visit becomes which case, and anything of a market (case_rows.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipelines.market_simulator.case_histories import (
    FIRST_LINE,
    HISTORIES,
    NEW,
    PLAIN_HISTORY,
    SLIP,
    SUFFIX,
    WITH_SLIP,
    History,
    Version,
)
from pipelines.market_simulator.case_shapes import (
    ASSISTING,
    INPATIENT,
    KNEE_REPLACEMENT,
    MAIN,
    PEOPLE,
    PERFORMER,
    PLAIN,
    PROFESSIONAL,
    ROLES,
    SHAPES,
    CaseClaim,
    CaseLine,
    Happened,
    Shape,
)
from pipelines.market_simulator.catalog import CODE_NAMES
from pipelines.market_simulator.visit_content import MODIFIERS

ALL_SHAPES, ALL_HISTORIES = (PLAIN, *SHAPES), (PLAIN_HISTORY, *HISTORIES)
MAIN_CODE, NO_CODE = -2, -1
PCS_CODE = len(CODE_NAMES)  # the one ICD-10-PCS code, after all HCPCS codes
MOST_PEOPLE, MOST_MODIFIERS = 3, 3
_ROLE = {role: at for at, role in enumerate(ROLES)}


@dataclass(frozen=True)
class Templates:
    """`first` and `count` [shape, history] say where a pair's entries lie in every one of `columns`."""

    first: np.ndarray
    count: np.ndarray
    columns: dict[str, np.ndarray]

    def expand(self, shape: np.ndarray, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(case, template row) of every entry of the cases, case by case."""
        count = self.count[shape, history]
        case = np.repeat(np.arange(len(shape)), count)
        within = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
        return case, self.first[shape, history][case] + within


@cache
def row_templates() -> Templates:
    """What is delivered. `letter` counts ids of a claim (0 the first), `prior` is the letter named as prior, or -1."""
    return _compile(_rows)


@cache
def service_templates() -> Templates:
    """What is true: one entry per service and span of steps in which it stands."""
    return _compile(_services)


@cache
def sighting_templates() -> Templates:
    """Who is seen: one entry per claim and span of steps in which it stands; `seen_by` is a position in ROLES, or -1."""
    return _compile(_sightings)


def _compile(entries_of: object) -> Templates:
    first = np.zeros((len(ALL_SHAPES), len(ALL_HISTORIES)), dtype=np.int64)
    count = np.zeros_like(first)
    entries: list[dict[str, object]] = []
    for at_shape, shape in enumerate(ALL_SHAPES):
        for at_history, history in enumerate(ALL_HISTORIES):
            found = entries_of(shape, history)  # type: ignore[operator]
            first[at_shape, at_history], count[at_shape, at_history] = len(entries), len(found)
            entries += found
    columns = {name: np.array([entry[name] for entry in entries]) for name in entries[0]}
    return Templates(first, count, columns)


def _has_slip(shape: Shape) -> bool:
    """Whether a line billed in error fits: on a professional claim of the performer."""
    claim = shape.claims[0]
    return claim.kind == PROFESSIONAL and claim.rendering == PERFORMER


def _rows(shape: Shape, history: History) -> list[dict[str, object]]:
    rows = []
    for at_claim, claim in enumerate(shape.claims):
        letter = 0
        for at_version, version in enumerate(history.versions):
            prior = letter if version.names_prior else -1
            letter = at_version if version.identity == NEW else letter
            lines = list(enumerate(claim.lines, start=1))
            if version.lines == FIRST_LINE:
                lines = lines[:1]
            if version.lines == WITH_SLIP and at_claim == 0 and _has_slip(shape):
                lines.append((len(lines) + 1, CaseLine(SLIP)))
            for number, line in lines:
                rows.append(
                    _row(at_claim, claim, version, line)
                    | {
                        "letter": letter,
                        "prior": prior,
                        "suffix": at_version - 1 if version.identity == SUFFIX else -1,
                        "line": number + version.line_offset,
                    }
                )
    return rows


def _row(at_claim: int, claim: CaseClaim, version: Version, line: CaseLine) -> dict[str, object]:
    modifiers = [MODIFIERS.index(modifier) for modifier in line.modifiers]
    return {
        "claim": at_claim,
        "is_institutional": claim.kind != PROFESSIONAL,
        "is_inpatient": claim.kind == INPATIENT,
        "rendering": _ROLE[claim.rendering],
        "operating": _ROLE[claim.operating],
        "billing": _ROLE[claim.billing],
        "has_pcs": claim.has_pcs,
        "code": _code(line.code),
        "modifiers": modifiers + [-1] * (MOST_MODIFIERS - len(modifiers)),
        "units": line.units * version.units,
        "extra_units": line.extra_units * version.units,
        "amount": version.amount,
        "share": claim.amount,
        "sign": version.sign,
        "frequency": "178".index(version.frequency),
        "is_denied": version.is_denied,
        "is_again": version.frequency == "1"
        and version.paid_step is not None
        and version.paid_step < version.step,
        "step": version.step,
        "paid_step": version.step if version.paid_step is None else version.paid_step,
        "rank": version.rank,
    }


def _code(code: str) -> int:
    if code == MAIN:
        return MAIN_CODE
    return CODE_NAMES.index(code) if code else NO_CODE


def _services(shape: Shape, history: History) -> list[dict[str, object]]:
    services = [
        _service(service, len(shape.claims))
        | _span(stands.from_step, stands.to_step, stands.units, stands.is_denied)
        for service in shape.services
        for stands in history.stands
    ]
    if _has_slip(shape):
        services += [
            _service(Happened(SLIP), 1) | _span(slip.from_step, slip.to_step, 1.0, slip.is_denied)
            for slip in history.slip
        ]
    return services


def _sightings(shape: Shape, history: History) -> list[dict[str, object]]:
    return [
        {"seen_by": _seen_by(claim), "from_step": stands.from_step, "to_step": stands.to_step}
        for claim in shape.claims
        for stands in history.stands
    ]


def _seen_by(claim: CaseClaim) -> int:
    """The person who renders a claim, or else the person who bills it; an assistant saw nobody."""
    if any(modifier in ASSISTING for line in claim.lines for modifier in line.modifiers):
        return -1
    return next((_ROLE[role] for role in (claim.rendering, claim.billing) if role in PEOPLE), -1)


def _span(from_step: int, to_step: int, units: float, is_denied: bool) -> dict[str, object]:
    return {"from_step": from_step, "to_step": to_step, "times": units, "is_denied": is_denied}


def _service(service: Happened, claims: int) -> dict[str, object]:
    people = [_ROLE[role] for role, _ in service.credit]
    shares = [share for _, share in service.credit]
    missing = MOST_PEOPLE - len(people)
    return {
        "code": PCS_CODE if service.code == KNEE_REPLACEMENT else _code(service.code),
        "occurrence": service.occurrence,
        "procedures": service.procedures,
        "performer": _ROLE[service.performer],
        "people": people + [-1] * missing,
        "credit": shares + [0.0] * missing,
        "sides": service.sides,
        "units": service.units,
        "extra_units": service.extra_units,
        "is_modifier_missing": service.is_modifier_missing,
        "is_discontinued": service.is_discontinued,
        "claims": claims,
    }
