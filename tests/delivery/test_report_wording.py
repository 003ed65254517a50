"""Numbers and codes as readers say them."""

from __future__ import annotations

import pytest

from pipelines.delivery.report.territory_table import short_name
from pipelines.delivery.report.wording import (
    DASH,
    change,
    count,
    joined,
    long_date,
    money,
    money_words,
    percent,
    reach,
    spoken,
    with_names,
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "$0"),
        (999.4, "$999"),
        (999.6, "$1.00K"),
        (9_994, "$9.99K"),
        (9_996, "$10.0K"),
        (999_600, "$1.00M"),
        (1_234_567, "$1.23M"),
        (98_765_432, "$98.8M"),
        (-5_200_000, "−$5.20M"),
        (2.5e9, "$2.50B"),
        (None, DASH),
        (float("nan"), DASH),
    ],
)
def test_money_has_three_digits(value: float | None, said: str) -> None:
    """Amounts carry three digits and roll over to the next unit, never to 1000 of the lower one."""
    assert money(value) == said


def test_money_in_sentences() -> None:
    """Units are words there, and small amounts and gaps stay whole."""
    assert money_words(1_234_567) == "$1.23 million"
    assert money_words(950) == "$950"
    assert money_words(None) == DASH


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0%"),
        (0.0004, "less than 0.1%"),
        (0.034, "3.4%"),
        (0.03, "3%"),
        (0.126, "13%"),
        (-0.05, "−5%"),
        (None, DASH),
    ],
)
def test_percent(share: float | None, said: str) -> None:
    """One decimal below ten, none above, and what is there but tiny does not read as zero."""
    assert percent(share) == said


def test_change_has_a_sign() -> None:
    """Rises carry a plus, falls a minus, and a rounding error is no change."""
    assert [change(0.12), change(-0.12), change(0.0001)] == ["+12%", "−12%", "no change"]


def test_small_words() -> None:
    """Plurals, lists, dates and codes."""
    assert count(1, "territory", "territories") == "1 territory"
    assert count(1200, "county", "counties") == "1,200 counties"
    assert [joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert long_date("2026-01-31") == "January 31, 2026"
    assert [reach("2026-01-01"), reach("2026-01-31"), reach(None)] == [
        "January 2026",
        "January 31, 2026",
        DASH,
    ]
    assert spoken("team_change") == "Team change"


def test_ids_become_names_only_where_they_stand_alone() -> None:
    """`T1` in `T11`, `T1-x` or `CT1` is something else."""
    names = {"T1": "Boston, MA", "T11": "Bangor, ME"}
    text = with_names("T1 and T11 differ; CT1 and T1-x stay (T1).", names)
    assert text == "Boston, MA and Bangor, ME differ; CT1 and T1-x stay (Boston, MA)."


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("New York-Newark-Jersey City, NY-NJ-PA", "New York, NY"),
        ("Boston, MA & Portland, ME", "Boston, MA"),
        ("Louisville/Jefferson County, KY-IN", "Louisville, KY"),
        ("ME rural", "ME rural"),
    ],
)
def test_short_names_fit_a_map(name: str, short: str) -> None:
    """First city, first state; a name without a comma stays."""
    assert short_name(name) == short
