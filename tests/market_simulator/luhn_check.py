"""The check digit rule, digit by digit: written apart from the code under test."""

from __future__ import annotations


def luhn_holds(npi: str) -> bool:
    """Double every second digit from the right of 80840 + NPI."""
    total = 0
    for place, letter in enumerate(reversed("80840" + npi)):
        value = int(letter) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
