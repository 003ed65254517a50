"""The check digit of simulated NPIs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from luhn_check import luhn_holds

from pipelines.market_simulator.npi import check_digits, distinct_npis


def test_the_published_example_gets_its_check_digit() -> None:
    """CMS's own example 123456789 has check digit 3."""
    assert check_digits(np.array([123456789])).tolist() == [3]


@given(st.integers(100_000_000, 299_999_999))
@settings(max_examples=100)
def test_any_base_with_its_check_digit_passes_luhn(base: int) -> None:
    """The vectorised digit agrees with the digit-by-digit rule."""
    assert luhn_holds(f"{base}{check_digits(np.array([base]))[0]}")


def test_npis_are_distinct_valid_and_nobodys() -> None:
    """Numbers never repeat, are ten digits, and begin with 2, which no person's number does."""
    npis = distinct_npis(20_000, np.random.default_rng(1))
    assert len(np.unique(npis)) == 20_000
    assert all(len(text) == 10 and text[0] == "2" and luhn_holds(text) for text in map(str, npis[:2_000]))
