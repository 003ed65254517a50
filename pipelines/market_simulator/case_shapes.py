"""How a visit with a trap is billed, and what truly happened in it: one `Shape` per way of billing, as data.

Belongs here: who bills which lines of one visit, and the services behind them, written down by hand from the rules
of docs/methods/claims.md, section 2. Does not belong here: what happens to the claims afterwards (case_histories.py)
and how a case becomes rows (case_rows.py).

Codes are HCPCS Level II and ICD-10-PCS. A constant code stands for itself, `MAIN` for the code of the visit.
"""

from __future__ import annotations

from dataclasses import dataclass

MAIN = "main"
COMPANION, IMPLANT, ADD_ON, SCREENING = "A4649", "C1776", "G0289", "G0121"
KNEE_REPLACEMENT = "0SRD0J9"
PROFESSIONAL, INSTITUTIONAL, INPATIENT = "professional", "institutional", "inpatient"
PERFORMER, PARTNER, THIRD, ASSISTANT, GROUP, SITE, NOBODY = (
    "performer",
    "partner",
    "third",
    "assistant",
    "group",
    "site",
    "nobody",
)
ASSISTANT_SHARE = 0.16  # of the surgeon's fee (42 CFR 414.40 and SSA 1848(i)(2))
ROLES = (PERFORMER, PARTNER, THIRD, ASSISTANT, GROUP, SITE, NOBODY)
PEOPLE = (PERFORMER, PARTNER, THIRD, ASSISTANT)
ASSISTING = ("80", "81", "82", "AS")

# Visit types that can take a shape.
INJECTION, SURGERY, IMAGING, CLINIC = (
    ("knee_injection",),
    ("joint_surgery",),
    ("contrast_imaging",),
    ("joint_clinic",),
)


@dataclass(frozen=True)
class CaseLine:
    """`units` multiply the code's usual units; `extra_units` are added to them. A line without `code` carries only the
    claim's ICD-10-PCS procedure."""

    code: str = MAIN
    modifiers: tuple[str, ...] = ()
    units: float = 1.0
    extra_units: float = 0.0


@dataclass(frozen=True)
class CaseClaim:
    """`amount` multiplies what is charged and allowed: of two people, the one who is paid less assisted."""

    lines: tuple[CaseLine, ...]
    kind: str = PROFESSIONAL
    rendering: str = PERFORMER
    operating: str = NOBODY
    billing: str = GROUP
    has_pcs: bool = False
    amount: float = 1.0


@dataclass(frozen=True)
class Happened:
    """A true service: what counts of it. `credit` sums to `procedures` where a person was involved; `units` is written
    like a line's. `performer` is who the service is attributed to, NOBODY where it belongs to its account."""

    code: str = MAIN
    occurrence: int = 0
    procedures: float = 1.0
    performer: str = PERFORMER
    credit: tuple[tuple[str, float], ...] = ((PERFORMER, 1.0),)
    sides: int = 1
    units: float = 1.0
    extra_units: float = 0.0
    is_capped: bool = False
    is_modifier_missing: bool = False
    is_discontinued: bool = False
    code_system: str = "hcpcs"


@dataclass(frozen=True)
class Shape:
    """`trap` is the row of the traps table; `where` the visit types that can take it."""

    name: str
    trap: str
    where: tuple[str, ...]
    claims: tuple[CaseClaim, ...]
    services: tuple[Happened, ...]


def _pro(
    *lines: CaseLine,
    rendering: str = PERFORMER,
    billing: str = GROUP,
    operating: str = NOBODY,
    amount: float = 1.0,
) -> CaseClaim:
    return CaseClaim(lines, PROFESSIONAL, rendering, operating, billing, amount=amount)


def _fac(*lines: CaseLine, kind: str = INSTITUTIONAL) -> CaseClaim:
    return CaseClaim(lines, kind, NOBODY, PERFORMER, SITE)


def _not_performed(code: str = MAIN, *, is_discontinued: bool = False) -> Happened:
    return Happened(code, procedures=0.0, credit=(), sides=0, is_discontinued=is_discontinued)


def _main(*modifiers: str, units: float = 1.0, extra_units: float = 0.0) -> CaseLine:
    return CaseLine(MAIN, modifiers, units, extra_units)


def _implant(*modifiers: str, units: float = 1.0) -> CaseLine:
    return CaseLine(IMPLANT, modifiers, units)


PLAIN = Shape(
    "plain",
    "",
    INJECTION + SURGERY + IMAGING + CLINIC,
    (_pro(_main(), CaseLine(COMPANION)),),
    (Happened(), Happened(COMPANION)),
)

_ASSISTED = tuple(
    Shape(
        f"assistant_{modifier.lower()}",
        "T15",
        SURGERY,
        (_pro(_main()), _pro(_main(modifier), rendering=who, amount=ASSISTANT_SHARE), _fac(_main())),
        (Happened(),),
    )
    for modifier, who in (("80", PARTNER), ("81", PARTNER), ("82", PARTNER), ("AS", ASSISTANT))
)
_BILATERAL = (
    Shape("bilateral_50", "T16", SURGERY, (_pro(_implant("50")),), (Happened(IMPLANT, sides=2),)),
    Shape(
        "bilateral_two_lines",
        "T16",
        SURGERY,
        (_pro(_implant("RT"), _implant("LT")),),
        (Happened(IMPLANT, sides=2, units=2.0),),
    ),
    Shape(
        "bilateral_two_units",
        "T16",
        SURGERY,
        (_pro(_implant(units=2.0)),),
        (Happened(IMPLANT, sides=2, units=2.0),),
    ),
    Shape("one_side", "T16", SURGERY, (_pro(_implant("LT")),), (Happened(IMPLANT),)),
)
_DISCONTINUED = (
    Shape(
        "discontinued_before_73",
        "T18",
        SURGERY,
        (_fac(CaseLine(SCREENING, ("73",))),),
        (_not_performed(SCREENING, is_discontinued=True),),
    ),
    *(
        Shape(
            f"discontinued_after_{modifier}",
            "T18",
            SURGERY,
            (claim(CaseLine(SCREENING, (modifier,))),),
            (Happened(SCREENING, is_discontinued=True),),
        )
        for modifier, claim in (("74", _fac), ("53", _pro))
    ),
)

SHAPES: tuple[Shape, ...] = (
    Shape("professional_and_institutional", "T13", SURGERY, (_pro(_main()), _fac(_main())), (Happened(),)),
    Shape(
        "components_26_tc",
        "T14",
        IMAGING + CLINIC,
        (_pro(_main("26")), _pro(_main("TC"), rendering=NOBODY, billing=SITE)),
        (Happened(),),
    ),
    Shape(
        "component_26_and_facility",
        "T14",
        IMAGING + CLINIC,
        (_pro(_main("26")), _fac(_main())),
        (Happened(),),
    ),
    *_ASSISTED,
    Shape(
        "co_surgeons_62",
        "T15",
        SURGERY,
        (_pro(_main("62")), _pro(_main("62"), rendering=PARTNER, amount=0.9)),
        (Happened(credit=((PERFORMER, 0.5), (PARTNER, 0.5))),),
    ),
    Shape(
        "co_surgeons_62_and_facility",
        "T15",
        SURGERY,
        (_pro(_main("62")), _pro(_main("62"), rendering=PARTNER, amount=0.9), _fac(_main())),
        (Happened(credit=((PERFORMER, 0.5), (PARTNER, 0.5))),),
    ),
    Shape(
        "team_66",
        "T15",
        SURGERY,
        tuple(
            _pro(_main("66"), rendering=who, amount=amount)
            for who, amount in ((PERFORMER, 0.9), (PARTNER, 0.6), (THIRD, 0.5))
        ),
        (Happened(credit=tuple((who, 1 / 3) for who in (PERFORMER, PARTNER, THIRD))),),
    ),
    Shape(
        "modifier_missing",
        "T15",
        SURGERY,
        (_pro(_main()), _pro(_main(), rendering=PARTNER, amount=ASSISTANT_SHARE)),
        (Happened(is_modifier_missing=True),),
    ),
    *_BILATERAL,
    Shape(
        "drug_discarded_jw",
        "T17",
        INJECTION,
        (_pro(_main(), _main("JW", units=0.0, extra_units=7.0)),),
        (Happened(),),
    ),
    Shape(
        "drug_discarded_only",
        "T17",
        INJECTION,
        (_pro(_main("JW", units=0.0, extra_units=5.0)),),
        (Happened(procedures=0.0, credit=(), sides=0, units=0.0),),
    ),
    Shape(
        "unit_outlier",
        "T17",
        INJECTION,
        (_pro(_main(units=100.0, extra_units=3.0)),),
        (Happened(units=100.0, extra_units=3.0, is_capped=True),),
    ),
    Shape(
        "split_care_54_55_56",
        "T18",
        SURGERY,
        (_pro(_main("54")), _pro(_main("55"), rendering=PARTNER), _pro(_main("56"), rendering=THIRD)),
        (Happened(),),
    ),
    Shape("post_operative_55", "T18", SURGERY, (_pro(_main("55")),), (_not_performed(),)),
    Shape("pre_operative_56", "T18", SURGERY, (_pro(_main("56")),), (_not_performed(),)),
    *_DISCONTINUED,
    Shape(
        "repeat_76",
        "T18",
        SURGERY,
        (_pro(_main(), _main("76"), _main("76")), _fac(_main(), _main("76"), _main("76"))),
        (Happened(), Happened(occurrence=1), Happened(occurrence=2)),
    ),
    Shape(
        "repeat_77",
        "T18",
        SURGERY,
        (_pro(_main()), _pro(_main("77"), rendering=PARTNER)),
        (Happened(), Happened(occurrence=1, performer=PARTNER, credit=((PARTNER, 1.0),))),
    ),
    Shape(
        "add_on",
        "T18",
        SURGERY,
        (_pro(_main(), CaseLine(ADD_ON)),),
        (Happened(), _not_performed(ADD_ON)),
    ),
    Shape(
        "group_renders",
        "T27",
        SURGERY + INJECTION,
        (_pro(_main(), rendering=GROUP),),
        (Happened(performer=NOBODY, credit=()),),
    ),
    Shape(
        "group_renders_person_operates",
        "T27",
        SURGERY,
        (_pro(_main(), rendering=GROUP, operating=PERFORMER),),
        (Happened(),),
    ),
    Shape(
        "group_renders_person_bills",
        "T27",
        INJECTION,
        (_pro(_main(), rendering=GROUP, billing=PERFORMER),),
        (Happened(),),
    ),
    Shape(
        "inpatient_pcs",
        "T13",
        SURGERY,
        (CaseClaim((CaseLine(""), CaseLine("")), INPATIENT, NOBODY, PERFORMER, SITE, has_pcs=True),),
        (Happened(KNEE_REPLACEMENT, code_system="icd10pcs"),),
    ),
)
SHAPE_NAMES = tuple(shape.name for shape in SHAPES)
