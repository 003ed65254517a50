"""The Safe Harbor extract: which ZIP3 may be told, and no cell that may not."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.delivery.safe_harbor import (
    RESTRICTED_ZIP3,
    breaches,
    suppressed,
    zip3_populations,
    zip3_to_tell,
)

POPULATION = {"100": 1_500_000, "036": 90_000, "999": 20_000}


def test_small_restricted_and_unknown_areas_are_000() -> None:
    """More than 20,000 people, not one of the seventeen, and known at all."""
    told = zip3_to_tell(["10001", "03601", "99901", "12345"], POPULATION)
    assert told == {"10001": "100", "03601": "000", "99901": "000", "12345": "000"}
    assert len(RESTRICTED_ZIP3) == 17


def test_counties_tell_no_zip3() -> None:
    """Only ZCTAs add up to three-digit ZIPs."""
    units = pd.DataFrame(
        {
            "unit_id": ["10001", "10002", "36061"],
            "unit_type": ["zcta", "zcta", "county"],
            "population": [5, 7, 9],
        }
    )
    assert zip3_populations(units) == {"100": 12}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_an_extract_has_no_breach(patients: list[int]) -> None:
    """Whatever the counts: small ones withheld with enough others; without small ones everything shown."""
    zip3 = [f"{300 + place}" for place in range(len(patients))]
    cells = pd.DataFrame(
        {"product_id": "k", "zip3": zip3, "service_year": 2024, "procedures": patients, "patients": patients}
    )
    extract = suppressed(cells, 11)
    assert breaches(extract, dict.fromkeys(zip3, 50_000), 11) == []
    positive = [count for count in patients if count]
    hidden = int(extract["is_suppressed"].sum())
    assert hidden == 0 if all(count > 10 for count in positive) else hidden >= min(2, len(positive))


def test_the_audit_of_the_extract_names_what_is_wrong() -> None:
    """A restricted ZIP3, a small count, a further column."""
    extract = pd.DataFrame({"product_id": ["k"], "zip3": ["036"], "service_year": [2024], "procedures": [5.0],
                            "patients": [5.0], "is_suppressed": [False], "patient_token": ["x"]})  # fmt: skip
    assert breaches(extract, POPULATION, 11) == [
        "column patient_token is not part of the extract",
        "ZIP3 036 may not be told",
        "a small count is shown",
    ]
