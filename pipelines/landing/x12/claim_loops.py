"""The loops of one transaction set: which provider, subscriber and claim a service line belongs to.

Of people only the subscriber's member id goes on (it becomes the token); a dependent, who has none, is known by a digest
of that id with name, sex and birth date. Other payers' loops (2320, 2330, 2430) are skipped: what they say is not of
this claim.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.landing.x12.segments import INSTITUTIONAL, PROFESSIONAL, TransactionSet

PRINCIPAL_AND_OTHER = {"ABK": "10", "ABF": "10", "BK": "9", "BF": "9"}
PROCEDURES = {"BBR": "10", "BBQ": "10", "BR": "9", "BQ": "9"}
MOST_DIAGNOSES = MOST_PROCEDURES = 25
NPI_OF = {"82": "rendering", "72": "operating", "DN": "referring", "77": "facility"}

NO_LINES = "the claim has no service line"
NO_SERVICE = "the service line has no SV1 or SV2"
TOO_MANY_CODES = "the claim has more than 25 diagnoses or procedures"


@dataclass
class ServiceLine:
    """What a line says of itself; `number` is that of the segment that begins it."""

    number: int
    line_number: str
    service: list[str] = field(default_factory=list)
    dates: tuple[str, str] = ("", "")
    npis: dict[str, str] = field(default_factory=dict)


@dataclass
class Claim:
    """CLM with what stands around it. `providers` are NPIs by role, codes as delivered and in order."""

    number: int
    said_type: str
    control_number: str
    place: list[str]
    person_id: str
    payer: str
    plan: str
    filing: str
    billing_npi: str
    billing_scope: str
    submitted: str
    prior: str = ""
    dates: tuple[str, str] = ("", "")
    drg: str = ""
    diagnoses: list[str] = field(default_factory=list)
    diagnosis_type: str = ""
    procedures: list[str] = field(default_factory=list)
    procedure_type: str = ""
    npis: dict[str, str] = field(default_factory=dict)
    lines: list[ServiceLine] = field(default_factory=list)

    @property
    def fault(self) -> str | None:
        if not self.lines:
            return NO_LINES
        too_many = len(self.diagnoses) > MOST_DIAGNOSES or len(self.procedures) > MOST_PROCEDURES
        return TOO_MANY_CODES if too_many else None


@dataclass
class _Subscriber:
    member_id: str = ""
    dependent: list[str] | None = None
    payer: str = ""
    plan: str = ""
    filing: str = ""

    def person_id(self) -> str:
        """The member id; for a dependent without an id a digest that no name can be read from."""
        if self.dependent is None:
            return self.member_id
        digest = hashlib.sha256("\x1f".join([self.member_id, *self.dependent]).encode()).hexdigest()
        return f"dependent-{digest[:32]}" if self.member_id else ""


def claims_of(transaction: TransactionSet) -> Iterator[Claim]:
    """The claims of a set, in order, each with its lines."""
    parts = transaction.delimiters.component
    billing_npi = billing_scope = submitted = ""
    subscriber = _Subscriber()
    entity = ""
    claim: Claim | None = None
    line: ServiceLine | None = None
    is_other_payer = False
    for number, segment in enumerate(transaction.segments, start=transaction.first_number):
        name = segment[0]
        if name in ("HL", "CLM", "SE"):
            if claim is not None:
                yield claim
            claim = line = None
            is_other_payer = False
        if name == "HL":
            level = _at(segment, 3)
            if level == "20":
                billing_npi = billing_scope = ""
            if level in ("20", "22"):
                subscriber = _Subscriber()
            elif level == "23":
                subscriber.dependent = []
        elif name == "CLM":
            claim = Claim(
                number=number,
                said_type=transaction.claim_type,
                control_number=_at(segment, 1),
                place=_at(segment, 5).split(parts),
                person_id=subscriber.person_id(),
                payer=subscriber.payer,
                plan=subscriber.plan,
                filing=subscriber.filing,
                billing_npi=billing_npi,
                billing_scope=billing_scope,
                submitted=submitted,
            )
        elif claim is None:
            if name == "NM1":
                entity = _at(segment, 1)
                if entity == "85":
                    billing_npi = billing_scope = _npi(segment)
                elif entity == "IL":
                    subscriber.member_id = _at(segment, 9)
                elif entity == "QC" and subscriber.dependent is not None:
                    subscriber.dependent = [_at(segment, 3), _at(segment, 4)]
                elif entity == "PR" and _at(segment, 2) == "2":
                    subscriber.payer = _at(segment, 3)
            elif name == "DMG" and entity == "QC" and subscriber.dependent is not None:
                subscriber.dependent += [_at(segment, 2), _at(segment, 3)]
            elif name == "REF" and entity == "85" and _at(segment, 1) == "EI" and not billing_scope:
                billing_scope = _at(segment, 2)
            elif name == "SBR":
                subscriber.plan, subscriber.filing = _at(segment, 4), _at(segment, 9)
            elif name == "BHT":
                submitted = _at(segment, 4)
            elif name in ("SV1", "SV2"):
                # No claim to put it in: one without lines, so that it is counted and set aside.
                yield _stray(transaction, number)
        elif name == "LX":
            line = ServiceLine(number, _at(segment, 1))
            claim.lines.append(line)
            is_other_payer = False
        elif name in ("SV1", "SV2"):
            if line is None or line.service:
                line = ServiceLine(number, str(len(claim.lines) + 1))
                claim.lines.append(line)
            line.service = segment
            is_other_payer = False
        elif name in ("SBR", "SVD"):
            is_other_payer = True
        elif is_other_payer:
            continue
        elif name == "DTP":
            if line is not None and _at(segment, 1) == "472":
                line.dates = _period(segment)
            elif line is None and _at(segment, 1) == "434":
                claim.dates = _period(segment)
        elif name == "NM1":
            role = NPI_OF.get(_at(segment, 1))
            if role and (npi := _npi(segment)):
                (claim if line is None else line).npis[role] = npi
        elif name == "REF" and line is None and _at(segment, 1) == "F8":
            claim.prior = _at(segment, 2)
        elif name == "HI" and line is None:
            _read_codes(claim, segment, parts)


def type_of(line: ServiceLine) -> str:
    """The claim form follows the service segment: SV2 is a revenue line."""
    return INSTITUTIONAL if line.service[0] == "SV2" else PROFESSIONAL


def _stray(transaction: TransactionSet, number: int) -> Claim:
    return Claim(number, transaction.claim_type, "", [""], "", "", "", "", "", "", "")


def _read_codes(claim: Claim, segment: list[str], parts: str) -> None:
    """Diagnoses and ICD procedures in the order of the segment; other kinds of HI codes are not used."""
    for composite in segment[1:]:
        qualifier, code = [*composite.split(parts), "", ""][:2]
        if qualifier in PRINCIPAL_AND_OTHER and code:
            claim.diagnoses.append(code)
            claim.diagnosis_type = claim.diagnosis_type or PRINCIPAL_AND_OTHER[qualifier]
        elif qualifier in PROCEDURES and code:
            claim.procedures.append(code)
            claim.procedure_type = claim.procedure_type or PROCEDURES[qualifier]
        elif qualifier == "DR":
            claim.drg = code


def _period(segment: list[str]) -> tuple[str, str]:
    """D8 is a day, RD8 two days with a hyphen."""
    first, _, last = _at(segment, 3).partition("-")
    return first, last or first


def _npi(segment: list[str]) -> str:
    return _at(segment, 9) if _at(segment, 8) == "XX" else ""


def _at(segment: list[str], place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""
