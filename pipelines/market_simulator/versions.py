"""When a claim becomes known, and what happens to it afterwards: replaced, voided, or sent again unchanged.

One row per visit, one column per claim (0: the visit's claim, 1: the professional twin of a facility
claim). Months are month numbers; UNKNOWN where the claim or the version does not exist.
"""

from __future__ import annotations

import numpy as np

from pipelines.market_simulator.catalog import VISCOSUPPLEMENTS, VisitType
from pipelines.market_simulator.random_streams import pick
from pipelines.market_simulator.spec import MarketSpec

UNKNOWN = 10**6
LONGEST_DELAY = 6  # months until a replacement, void or re-send; half come in the next month
CORRECTION_SPREAD = 0.12


def draw_versions(
    spec: MarketSpec, visit: VisitType, month: int, count: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Arrays [visit, 2]: known, replaced, voided, resent (months), correction (code steps), amount_factor,
    paid_at.

    The age at which a claim is known follows the lag curve. A void comes after the replacement where there
    is one, so a chain original → replaced → voided occurs; a re-send only touches claims that never change,
    because an old version sent after a new one would be a different fault.
    """
    shape = (count, 2)
    known = month + pick(np.array(spec.lag_curve), rng.random(shape))
    replaced = np.where(rng.random(shape) < spec.replacement_rate, known + _delays(shape, rng), UNKNOWN)
    after = np.where(replaced < UNKNOWN, replaced, known)
    voided = np.where(rng.random(shape) < spec.void_rate, after + _delays(shape, rng), UNKNOWN)
    untouched = (replaced == UNKNOWN) & (voided == UNKNOWN)
    resent = np.where(
        untouched & (rng.random(shape) < spec.resend_rate), known + _delays(shape, rng), UNKNOWN
    )
    # a corrected code must stay one service: only where a visit has one claim, within one family of codes
    steps = rng.integers(1, len(VISCOSUPPLEMENTS), size=shape)
    corrected = rng.random(shape) < spec.corrected_code_share
    is_single = visit.setting == "office" and bool(visit.product_id)
    correction = np.where(corrected & (replaced < UNKNOWN) & is_single, steps, 0)
    twin = rng.random(count) < spec.both_claims_share
    has_twin = twin if visit.setting == "facility" and visit.product_id else np.zeros(count, dtype=bool)
    for version in (known, replaced, voided, resent):
        version[~has_twin, 1] = UNKNOWN
    return {
        "known": known,
        "replaced": replaced,
        "voided": voided,
        "resent": resent,
        "correction": correction,
        "amount_factor": np.exp(rng.normal(0, CORRECTION_SPREAD, shape)),
        "paid_at": rng.random(shape),
    }


def hold_back(
    versions: dict[str, np.ndarray], chosen: np.ndarray, from_month: int, to_month: int
) -> dict[str, np.ndarray]:
    """Claims `chosen` [visit, 2] that would become known in from..to arrive the month after, later
    versions too.
    """
    known = versions["known"]
    held = chosen & (known >= from_month) & (known <= to_month)
    shift = np.where(held, to_month + 1 - known, 0)
    return {name: np.where(months < UNKNOWN, months + shift, UNKNOWN) for name, months in versions.items()}


def _delays(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return np.minimum(rng.geometric(0.5, shape), LONGEST_DELAY)
