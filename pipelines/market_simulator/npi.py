"""National Provider Identifiers: valid by check digit, yet nobody's.

An NPI is ten digits, first 1 or 2, the last a Luhn check digit computed with the prefix 80840 before it
(CMS, NPI check digit). All numbers issued so far begin with 1, so the simulated ones begin with 2: they
pass every check and belong to no real person.
"""

from __future__ import annotations

import numpy as np

PREFIX_LUHN_SUM = 24  # what the digits 8, 0, 8, 4, 0 add to the sum
_PRIME = 99_999_989  # the largest prime below 10^8: a multiplier walks all of 0.._PRIME-1 without repeating


def check_digits(nine_digits: np.ndarray) -> np.ndarray:
    """Luhn check digit of each nine-digit base."""
    total = np.full(len(nine_digits), PREFIX_LUHN_SUM, dtype=np.int64)
    rest = nine_digits.astype(np.int64)
    for place in range(9):
        digit = rest % 10
        rest = rest // 10
        doubled = digit * 2
        total += np.where(doubled > 9, doubled - 9, doubled) if place % 2 == 0 else digit
    return (10 - total % 10) % 10


def distinct_npis(count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` distinct valid NPIs as int64, in scattered order."""
    if count >= _PRIME:
        raise ValueError("more NPIs asked for than there are")
    multiplier, offset = (int(value) for value in rng.integers(1_000_000, _PRIME, size=2))
    base = 200_000_000 + (np.arange(count, dtype=np.int64) * multiplier + offset) % _PRIME
    return base * 10 + check_digits(base)
