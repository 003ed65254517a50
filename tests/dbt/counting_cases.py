"""Services as they are billed, case by case, and a second opinion on their counts.

A case is one patient's lines of one code. `counts` works out section 2 of docs/methods/claims.md line by line in Python,
apart from the SQL. Belongs here: cases, their lines and that second opinion. Does not belong here: what is asserted
(test_service_counts.py).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from small_lake import Row, claim

SURGEON, SECOND, THIRD, PA = "1000000001", "1000000002", "1000000003", "1000000004"
GROUP, HOSPITAL = "2000000001", "3000000001"
DAY = date(2024, 3, 4)
ASSISTANTS = {"80", "81", "82", "AS"}
NO_SERVICE = {"55", "56", "73", "JW"}
DOSES = {"J7325": Decimal(1), "J7328": Decimal("0.1")}
MOST_UNITS = {"J7325": 96, "J7328": 336, "J7321": 2}
TWO_SIDED, ADD_ON = {"J7321"}, {"G2211"}


@dataclass(frozen=True)
class Line:
    """One billed line; `bill` is p or i (professional or institutional), lines of one `claim_name` are one claim."""

    bill: str = "p"
    person: str | None = SURGEON
    modifiers: tuple[str, ...] = ()
    units: float = 1.0
    claim_name: str = ""
    amount: float = 100.0
    is_denied: bool = False


def line(said: str, **more: Any) -> Line:
    """`p` or `i` and its modifiers: `line("p LT 62", person=SECOND)`. A hospital names nobody unless told so."""
    bill, *modifiers = said.split()
    person = more.pop("person", SURGEON if bill == "p" else None)
    return Line(bill, person, tuple(modifiers), **more)


def rows(patient: str, code: str, lines: list[Line], day: date = DAY, **more: Any) -> list[Row]:
    """The raw lines of a case for one patient; lines without a claim name are claims of their own."""
    numbers: dict[str, int] = defaultdict(int)
    written = []
    for place, each in enumerate(lines):
        name = f"{patient}-{each.claim_name or place}"
        numbers[name] += 1
        written.append(
            claim(name, patient, day, code)
            | {
                "claim_line_number": numbers[name],
                "claim_type": "professional" if each.bill == "p" else "institutional",
                "hcpcs_modifiers": list(each.modifiers),
                "service_unit_quantity": each.units,
                "rendering_npi": each.person,
                "billing_npi": GROUP if each.bill == "p" else HOSPITAL,
                "facility_npi": HOSPITAL,
                "allowed_amount": each.amount,
                "claim_status": "denied" if each.is_denied else "paid",
            }
            | more
        )
    return written


@dataclass(frozen=True)
class Counts:
    """What a case comes to, over its occurrences. `involvement` leaves out who has none."""

    procedures: int
    sides: int
    units: Decimal
    doses: Decimal | None
    involvement: dict[str, Decimal]


def counts(code: str, lines: list[Line]) -> Counts:
    """A second opinion on the counts of a case: occurrence by occurrence, claim by claim."""
    services: dict[int, list[tuple[str, Line]]] = defaultdict(list)
    repeats: dict[tuple[Any, ...], list[tuple[str, int, Line]]] = defaultdict(list)
    for place, each in enumerate(lines):
        said = set(each.modifiers)
        if said & {"76", "77"}:
            role = (each.bill, each.is_denied, bool(said & ASSISTANTS), "26" in said, "TC" in said)
            repeats[role].append((each.person or "", place, each))
        else:
            services[0].append((each.claim_name or str(place), each))
    for found in repeats.values():
        for number, (_, place, each) in enumerate(sorted(found, key=lambda one: one[:2]), start=1):
            services[number].append((each.claim_name or str(place), each))
    total = Counts(0, 0, Decimal(0), Decimal(0) if code in DOSES else None, {})
    for service in services.values():
        total = _added(total, _one_service(code, service))
    return total


def _added(a: Counts, b: Counts) -> Counts:
    shares = {
        npi: a.involvement.get(npi, Decimal(0)) + b.involvement.get(npi, Decimal(0))
        for npi in a.involvement.keys() | b.involvement.keys()
    }
    doses = None if a.doses is None or b.doses is None else a.doses + b.doses
    return Counts(a.procedures + b.procedures, a.sides + b.sides, a.units + b.units, doses, shares)


def _one_service(code: str, service: list[tuple[str, Line]]) -> Counts:
    lines = [each for _, each in service]
    said = {modifier for each in lines for modifier in each.modifiers}
    performed = code not in ADD_ON and any(not NO_SERVICE & set(each.modifiers) for each in lines)
    given = [each.units for each in lines if "JW" not in each.modifiers]
    both = "50" in said or {"LT", "RT"} <= said or (code in TWO_SIDED and max(given, default=0) >= 2)
    bills: dict[tuple[str, str], float] = defaultdict(float)
    for name, each in service:
        bills[each.bill, name] += 0 if "JW" in each.modifiers else each.units
    units = Decimal(str(min(max(bills.values()), MOST_UNITS.get(code, 1e9))))
    return Counts(
        int(performed),
        int(performed) * (2 if both else 1),
        units,
        units * DOSES[code] if code in DOSES else None,
        _credit(lines) if performed else {},
    )


def _credit(lines: list[Line]) -> dict[str, Decimal]:
    """Equal parts for a pair or a team, else all for the one who performed."""
    operating = [
        each for each in lines if each.person and not (ASSISTANTS | NO_SERVICE) & set(each.modifiers)
    ]
    marked = [each for each in operating if {"62", "66"} & set(each.modifiers)]
    silent = [
        each for each in operating if each.bill == "p" and not {"62", "66", "26", "TC"} & set(each.modifiers)
    ]
    surgeons = sorted({str(each.person) for each in marked})
    if len(surgeons) == 1:
        surgeons += sorted({str(each.person) for each in silent} - set(surgeons))
        if len(surgeons) == 1 and not any("66" in each.modifiers for each in marked):
            surgeons.append("unattributed")
    if surgeons:
        return {npi: Decimal(1) / len(surgeons) for npi in surgeons}
    return {_performer(lines): Decimal(1)}


def _performer(lines: list[Line]) -> str:
    def order(each: Line) -> tuple[Any, ...]:
        said = set(each.modifiers)
        return (3 if NO_SERVICE & said else 2 if "TC" in said else 1, 1 if each.bill == "p" else 3)

    people = [each for each in lines if each.person and not ASSISTANTS & set(each.modifiers)]
    if not people:
        return "unattributed"
    return min((order(each), -each.amount, each.person or "") for each in people)[2]


def random_case(random: Random) -> tuple[str, list[Line]]:
    """A code and one to four claims about one service and its repeats, with the modifiers that bills have."""
    code = random.choice(["C1776", "C1776", "C1776", "J7325", "J7328", "J7321", "G2211"])
    lines = []
    for number in range(random.randint(1, 4)):
        bill = random.choice("pppi")
        person = random.choice([SURGEON, SURGEON, SECOND, THIRD, None if bill == "p" else SURGEON])
        for _ in range(random.choice([1, 1, 1, 2])):
            said = random.sample(MODIFIERS, random.choice([0, 0, 1, 1, 2]))
            # Amounts differ by person, so that who performed does not hang on the order of two equal ones.
            amount = 50.0 * (1 + int((person or "0")[-1]))
            units = float(random.choice([1, 1, 2, 48]))
            lines.append(Line(bill, person, tuple(said), units, f"c{number}", amount))
    return code, lines


MODIFIERS = [
    "50",
    "LT",
    "RT",
    "62",
    "66",
    "80",
    "AS",
    "26",
    "TC",
    "54",
    "55",
    "56",
    "53",
    "73",
    "74",
    "76",
    "77",
] + [
    "JW",
    "JZ",
    "59",
]


def denied_first(lines: list[Line]) -> list[Line]:
    """Every claim once more, denied, as it was billed before it was paid."""
    return [
        replace(each, claim_name=f"before-{each.claim_name or place}", is_denied=True, amount=0.0)
        for place, each in enumerate(lines)
    ]
