"""Who pays: three channels with several invented payers each, linked to age and poverty."""

from __future__ import annotations

import numpy as np

CHANNELS = ("medicare", "medicaid", "commercial")
# (payer, plan, channel, share within the channel)
PAYERS = (
    ("Original Medicare", "Medicare", "medicare", 0.46),
    ("Evergreen Advantage", "Medicare", "medicare", 0.29),
    ("Harborlight Senior Plan", "Medicare", "medicare", 0.25),
    ("State Medical Assistance", "Medicaid", "medicaid", 0.55),
    ("Beacon Community Plan", "Medicaid", "medicaid", 0.45),
    ("Northfield Mutual", "Commercial", "commercial", 0.38),
    ("Granite Employers Trust", "Commercial", "commercial", 0.27),
    ("Lakeshore Health Cooperative", "Commercial", "commercial", 0.20),
    ("Cypress Insurance", "Commercial", "commercial", 0.15),
)
PAYER_CHANNEL = np.array([CHANNELS.index(channel) for _, _, channel, _ in PAYERS], dtype=np.int8)
ALLOWED_SHARE_OF_CHARGE = np.array([0.42, 0.34, 0.58])  # by channel
PAID_SHARE_OF_ALLOWED = np.array([0.80, 0.98, 0.86])  # by channel


def payer_channels() -> dict[str, str]:
    """Lower-case payer and plan texts to channel, as a source profile wants them."""
    by_payer = {payer.lower(): channel for payer, _, channel, _ in PAYERS}
    return by_payer | {plan.lower(): channel for _, plan, channel, _ in PAYERS}


def draw_payers(is_senior: np.ndarray, poverty_share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A payer (position in PAYERS) per patient: seniors mostly Medicare; Medicaid grows with local
    poverty.
    """
    medicaid = np.where(is_senior, 0.02, np.clip(0.06 + 0.8 * poverty_share, 0.06, 0.5))
    medicare = np.where(is_senior, 0.93, 0.06)
    first, second = rng.random((2, len(is_senior)))
    channel = np.where(first < medicare, 0, np.where(first < medicare + medicaid, 1, 2))
    payer = np.empty(len(channel), dtype=np.int8)
    for number in range(len(CHANNELS)):
        members = np.flatnonzero(number == PAYER_CHANNEL)
        shares = np.cumsum([PAYERS[member][3] for member in members])
        chosen = channel == number
        at = np.searchsorted(shares, second[chosen] * shares[-1], side="right")
        payer[chosen] = members[np.minimum(at, len(members) - 1)]
    return payer
