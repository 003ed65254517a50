"""What a unit of each code means in the simulated market: the rules by which its truth counts units, doses and sides.

The same facts, as rows of the configuration's code rules, tell the pipeline (`code_rule_rows`). Dose sizes are those of
the public HCPCS Level II definitions.
"""

from __future__ import annotations

import numpy as np

from pipelines.market_simulator.catalog import CODE_NAMES, CODE_UNITS, IMPLANTS

USUAL_TO_MOST_UNITS = 6.0  # more than so many times the usual units of a line is a slip of the pen
ADD_ONS = ("G2211", "G0289")
ONE_DOSE_A_KNEE = ("J7321", "J7323", "J7324", "J7326", "J7327")
TWO_SIDED_CODES = (*ONE_DOSE_A_KNEE, IMPLANTS[0])
# code → (amount in one unit, of what)
DOSES: dict[str, tuple[float, str]] = {
    **{f"J{number}": (1.0, "mg") for number in (7318, 7320, 7322, 7325, 7328, 7329, 7331, 7332, 7399)},
    **dict.fromkeys(ONE_DOSE_A_KNEE, (1.0, "dose")),
    "J0690": (500.0, "mg"),
    "J1885": (15.0, "mg"),
    "J2405": (1.0, "mg"),
    "J2250": (1.0, "mg"),
    "J3010": (0.1, "mg"),
    "J3301": (10.0, "mg"),
    "J1100": (1.0, "mg"),
    "J0702": (3.0, "mg"),
    "J3420": (1000.0, "mcg"),
    "Q9967": (1.0, "ml"),
}
MOST_UNITS = CODE_UNITS * USUAL_TO_MOST_UNITS
DOSE_PER_UNIT = np.array([DOSES[code][0] if code in DOSES else np.nan for code in CODE_NAMES])
IS_TWO_SIDED = np.isin(CODE_NAMES, TWO_SIDED_CODES)
IS_ADD_ON = np.isin(CODE_NAMES, ADD_ONS)


def code_rule_rows() -> list[dict[str, object]]:
    """One rule per code, in the columns of config/code_rule."""
    return [
        {
            "code_system": "hcpcs",
            "code": code,
            "match_kind": "exact",
            "unit_kind": "dose" if code in DOSES else "unit",
            "dose_per_unit": DOSES[code][0] if code in DOSES else None,
            "dose_unit": DOSES[code][1] if code in DOSES else None,
            "max_units": float(MOST_UNITS[at]),
            "is_two_sided": bool(IS_TWO_SIDED[at]),
            "is_add_on": bool(IS_ADD_ON[at]),
        }
        for at, code in enumerate(CODE_NAMES)
    ]
