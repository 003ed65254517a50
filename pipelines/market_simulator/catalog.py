"""What is done in the simulated market: products, visit types, their codes, diagnoses and specialties.

Codes are HCPCS Level II and ICD-10-CM only. Prices are invented and of a plausible order. Every visit type
says who performs it, where, and which lines its claim carries.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

VISCOSUPPLEMENTS = tuple(
    f"J{number}" for number in (7318, 7320, 7321, 7322, 7323, 7324, 7325, 7326, 7327, 7328, 7329, 7331, 7332)
)
IMPLANTS = ("C1776", "C1713")

# product → (codes, diagnosis prefixes of which one must be on the claim)
PRODUCTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "knee_viscosupplement": (VISCOSUPPLEMENTS, ("M17",)),
    "joint_implant": (IMPLANTS, ("M16", "M17")),
}

# taxonomy → (description, share of all people)
SPECIALTIES: dict[str, tuple[str, float]] = {
    "207X00000X": ("Orthopaedic Surgery", 0.27),
    "207XS0114X": ("Adult Reconstructive Orthopaedic Surgery", 0.05),
    "207XX0005X": ("Sports Medicine (Orthopaedic Surgery)", 0.09),
    "207RR0500X": ("Rheumatology", 0.07),
    "208100000X": ("Physical Medicine and Rehabilitation", 0.10),
    "207Q00000X": ("Family Medicine", 0.22),
    "207R00000X": ("Internal Medicine", 0.13),
    "2085R0202X": ("Diagnostic Radiology", 0.07),
}
SURGICAL = ("207X00000X", "207XS0114X", "207XX0005X")
SUPPLIERS: dict[str, tuple[str, str, float]] = {  # kind → taxonomy, description, per person
    "ambulance": ("341600000X", "Ambulance", 0.012),
    "equipment": ("332B00000X", "Durable Medical Equipment and Medical Supplies", 0.012),
}
ORGANISATION_TAXONOMY: dict[str, tuple[str, str]] = {
    "group": ("261QM1300X", "Multi-Specialty Clinic"),
    "hospital": ("282N00000X", "General Acute Care Hospital"),
    "ambulatory_surgery_center": ("261QA1903X", "Ambulatory Surgical Center"),
    "clinic": ("261Q00000X", "Clinic"),
    **{kind: (taxonomy, description) for kind, (taxonomy, description, _) in SUPPLIERS.items()},
}

# code → (usual charge in USD per line, usual units, revenue centre on a facility claim)
CODES: dict[str, tuple[float, float, str]] = {
    "J7318": (1150.0, 60, "0636"),
    "J7320": (620.0, 25, "0636"),
    "J7321": (240.0, 1, "0636"),
    "J7322": (700.0, 24, "0636"),
    "J7323": (330.0, 1, "0636"),
    "J7324": (360.0, 1, "0636"),
    "J7325": (1180.0, 48, "0636"),
    "J7326": (1090.0, 1, "0636"),
    "J7327": (1240.0, 1, "0636"),
    "J7328": (420.0, 168, "0636"),
    "J7329": (450.0, 25, "0636"),
    "J7331": (480.0, 20, "0636"),
    "J7332": (430.0, 20, "0636"),
    "C1776": (9800.0, 1, "0278"),
    "C1713": (2100.0, 2, "0278"),
    "J0690": (22.0, 4, "0636"),
    "J1885": (18.0, 2, "0636"),
    "J2405": (14.0, 4, "0636"),
    "J2250": (12.0, 2, "0636"),
    "J3010": (15.0, 1, "0636"),
    "J3301": (48.0, 4, "0636"),
    "J1100": (16.0, 8, "0636"),
    "J0702": (42.0, 2, "0636"),
    "J3420": (20.0, 1, "0636"),
    "G2211": (36.0, 1, "0510"),
    "G0463": (290.0, 1, "0510"),
    "G0438": (340.0, 1, "0510"),
    "G0439": (260.0, 1, "0510"),
    "G0444": (40.0, 1, "0510"),
    "G0447": (55.0, 1, "0510"),
    "G0008": (44.0, 1, "0771"),
    "G0009": (44.0, 1, "0771"),
    "Q9967": (95.0, 100, "0255"),
    "A0425": (210.0, 12, "0540"),
    "A0429": (880.0, 1, "0540"),
    "E0730": (310.0, 1, "0290"),
    "A4595": (65.0, 2, "0270"),
    "A4649": (130.0, 1, "0270"),
    # only traps bill these: an add-on, a procedure that can be broken off, and the successor of a deleted code
    "G0289": (420.0, 1, "0360"),
    "G0121": (610.0, 1, "0360"),
    "J7399": (620.0, 25, "0636"),
}
DELETED_CODE, SUCCESSOR_CODE = "J7320", "J7399"
COMORBIDITIES = {"I10": 0.45, "E119": 0.25, "E669": 0.2, "J449": 0.1}
KNEES = {"M1711": 0.36, "M1712": 0.34, "M170": 0.2, "M179": 0.1}
TWO_SIDED = ("M170", "M160")
HIPS = {"M1611": 0.42, "M1612": 0.40, "M160": 0.12, "M169": 0.06}


def _scaled(shares: dict[str, float], total: float) -> dict[str, float]:
    return {code: share * total for code, share in shares.items()}


def _evenly(codes: tuple[str, ...]) -> dict[str, float]:
    return dict.fromkeys(codes, 1.0)


@dataclass(frozen=True)
class LineSlot:
    """A line that a claim carries with this probability, its code drawn by weight."""

    codes: dict[str, float]
    probability: float = 1.0


@dataclass(frozen=True)
class VisitType:
    """`setting`: office (professional, POS 11), facility (institutional, hospital or surgery centre),
    hospital (institutional, hospital only), home (POS 12) or field (POS 41). `season`: elective, flu or
    none. `performers`: taxonomy or supplier kind → (propensity, share of its members who do it at all).
    `is_product`: its first slot is a product's code, and its lines alone may also be billed professionally.
    """

    name: str
    setting: str
    visit_share: float
    performers: dict[str, tuple[float, float]]
    slots: tuple[LineSlot, ...]
    diagnoses: dict[str, float]
    season: str = "none"
    product_id: str = ""
    product_slots: int = field(default=0)


VISIT_TYPES: tuple[VisitType, ...] = (
    VisitType(
        "knee_injection",
        "office",
        0.46,
        {
            "207X00000X": (1.0, 0.7),
            "207XS0114X": (0.8, 0.6),
            "207XX0005X": (1.5, 0.9),
            "207RR0500X": (0.8, 0.6),
            "208100000X": (0.7, 0.5),
            "207Q00000X": (0.2, 0.15),
        },
        (
            LineSlot(
                {
                    code: 2.0 if code in ("J7321", "J7325", "J7323", "J7324") else 1.0
                    for code in VISCOSUPPLEMENTS
                }
            ),
            LineSlot({"G2211": 1.0}, 0.35),
            LineSlot({"J3301": 2.0, "J1100": 1.0}, 0.2),
        ),
        {**_scaled(KNEES, 0.96), "M25561": 0.02, "M25562": 0.02},
        season="elective",
        product_id="knee_viscosupplement",
        product_slots=1,
    ),
    VisitType(
        "joint_surgery",
        "facility",
        0.25,
        {"207X00000X": (1.0, 0.6), "207XS0114X": (3.0, 0.95), "207XX0005X": (0.5, 0.4)},
        (
            LineSlot({"C1776": 0.82, "C1713": 0.18}),
            LineSlot({"C1713": 1.0}, 0.1),
            LineSlot({"J0690": 3.0, "A4649": 1.0}, 0.4),
            LineSlot({"J2405": 1.0, "J3010": 1.0, "J2250": 1.0}, 0.35),
        ),
        {**_scaled(KNEES, 0.52), **_scaled(HIPS, 0.42), "S72001A": 0.03, "M75121": 0.03},
        season="elective",
        product_id="joint_implant",
        product_slots=2,
    ),
    VisitType(
        "joint_clinic",
        "hospital",
        0.07,
        {"207X00000X": (1.0, 0.5), "207RR0500X": (1.0, 0.5), "208100000X": (1.0, 0.5)},
        (LineSlot({"G0463": 1.0}), LineSlot({"J1885": 1.0, "J3301": 1.0}, 0.6)),
        {**_scaled(KNEES, 0.35), **_scaled(HIPS, 0.15), "M5450": 0.3, "M25561": 0.2},
    ),
    VisitType(
        "steroid_injection",
        "office",
        0.07,
        {
            "207X00000X": (0.7, 0.6),
            "207Q00000X": (1.0, 0.5),
            "207RR0500X": (1.0, 0.6),
            "208100000X": (1.0, 0.6),
        },
        (
            LineSlot({"J3301": 2.0, "J0702": 1.0}),
            LineSlot({"G2211": 1.0}, 0.7),
            LineSlot({"J1885": 1.0}, 0.3),
        ),
        {**_scaled(KNEES, 0.3), "M7541": 0.25, "M7542": 0.2, "M5450": 0.25},
    ),
    VisitType(
        "wellness",
        "office",
        0.06,
        {"207Q00000X": (1.0, 0.9), "207R00000X": (1.0, 0.9)},
        (
            LineSlot({"G0439": 4.0, "G0438": 1.0}),
            LineSlot({"G0444": 1.0}, 0.8),
            LineSlot({"G0008": 1.0, "G0447": 1.0}, 0.5),
        ),
        {"Z0000": 0.6, "I10": 0.2, "E119": 0.2},
    ),
    VisitType(
        "vaccination",
        "office",
        0.02,
        {"207Q00000X": (1.0, 0.8), "207R00000X": (1.0, 0.7)},
        (LineSlot({"G0008": 1.0}), LineSlot({"G0009": 1.0}, 0.5), LineSlot({"J3420": 1.0}, 0.2)),
        {"Z23": 1.0},
        season="flu",
    ),
    VisitType(
        "contrast_imaging",
        "hospital",
        0.03,
        {"2085R0202X": (1.0, 0.95)},
        (LineSlot({"Q9967": 1.0}), LineSlot({"A4649": 1.0}, 0.8)),
        {"R0789": 0.3, "R109": 0.4, "M5450": 0.3},
    ),
    VisitType(
        "ambulance_ride",
        "field",
        0.02,
        {"ambulance": (1.0, 1.0)},
        (LineSlot({"A0425": 1.0}), LineSlot({"A0429": 1.0}, 0.95)),
        {"R0789": 0.4, "S72001A": 0.2, "R55": 0.4},
    ),
    VisitType(
        "pain_equipment",
        "home",
        0.02,
        {"equipment": (1.0, 1.0)},
        (LineSlot({"E0730": 1.0}), LineSlot({"A4595": 1.0}, 0.9)),
        {"M5450": 0.8, "M25561": 0.2},
    ),
)

CODE_NAMES = tuple(CODES)
CODE_CHARGE = np.array([charge for charge, _, _ in CODES.values()])
CODE_UNITS = np.array([units for _, units, _ in CODES.values()], dtype=np.float64)
REVENUE_CENTERS = tuple(sorted({revenue for _, _, revenue in CODES.values()}))
CODE_REVENUE = np.array([REVENUE_CENTERS.index(revenue) for _, _, revenue in CODES.values()], dtype=np.int16)
DIAGNOSES = tuple(sorted({code for visit in VISIT_TYPES for code in visit.diagnoses} | set(COMORBIDITIES)))
VISCO_INDEX = np.array([CODE_NAMES.index(code) for code in VISCOSUPPLEMENTS], dtype=np.int16)
PRODUCT_NAMES = tuple(PRODUCTS)
AFFECTED_VISITS = {  # product → the visit types (positions) in which it is used
    product: tuple(at for at, visit in enumerate(VISIT_TYPES) if visit.product_id == product)
    for product in PRODUCTS
}
MOST_SLOTS = 1 + max(
    len(visit.slots) for visit in VISIT_TYPES
)  # one more for the second side of a bilateral visit


def product_table() -> np.ndarray:
    """[code, diagnosis] → position in PRODUCT_NAMES, or -1; the last diagnosis column stands for "none"."""
    table = np.full((len(CODE_NAMES), len(DIAGNOSES) + 1), -1, dtype=np.int8)
    for number, (codes, prefixes) in enumerate(PRODUCTS.values()):
        # a deleted code lives on in its successor
        members = (*codes, SUCCESSOR_CODE) if DELETED_CODE in codes else codes
        rows = [CODE_NAMES.index(code) for code in members]
        columns = [at for at, diagnosis in enumerate(DIAGNOSES) if diagnosis.startswith(prefixes)]
        table[np.ix_(rows, columns)] = number
    return table
