"""Patient tokens that stop standing for the same people, or never stood for people: planted, found, named and counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.landing.raw_tables import arrow_schema
from quality.checks import landing__tokens_are_plausible
from quality.patient_tokens import token_volumes

PATIENTS, MONTHS = 400, 3


def month_of_claims(month: int) -> pd.DataFrame:
    """Nine of ten patients come each month, twice; every delivery repeats the second half of the month before."""
    rows = [
        {
            "claim_id": f"c{number}-{patient}-{visit}",
            "patient_token": f"t{patient:04d}",
            "day": date(2025, 1, 1) + timedelta(days=31 * number + 14 * visit + patient % 14),
        }
        for number in (month - 1, month)
        for patient in range(PATIENTS)
        for visit in (0, 1)
        if (patient + number) % 10 and (number == month or visit == 1)
    ]
    return pd.DataFrame(rows)


def land(folder: Path, refresh: str, claims: pd.DataFrame) -> None:
    """Two lines a claim, in the columns of `raw/medical_claim`."""
    (folder / refresh).mkdir(parents=True)
    frame = pd.concat([claims.assign(claim_line_number=line) for line in (1, 2)])
    frame = frame.assign(refresh_id=refresh, claim_start_date=frame["day"]).reindex(
        columns=[field.name for field in arrow_schema("medical_claim")]
    )
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        casts = ", ".join(
            f"{name}::{'date' if name.endswith('_date') else 'varchar'} as {name}" for name in frame.columns
        )
        connection.execute(f"copy (select {casts} from frame) to '{folder / refresh / 'claims.parquet'}'")


def as_it_is(claims: pd.DataFrame) -> pd.DataFrame:
    return claims


def made_anew(claims: pd.DataFrame) -> pd.DataFrame:
    return claims.assign(patient_token="n" + claims["patient_token"])


def made_anew_for_new_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """No claim is sent again, so only the patients tell."""
    new = claims[claims["claim_id"].str.startswith(f"c{MONTHS}-")]
    return made_anew(new)


def colliding(claims: pd.DataFrame) -> pd.DataFrame:
    """Eight tokens for all: the id was cut short."""
    return claims.assign(patient_token="t000" + claims["patient_token"].str[-1].replace({"9": "1", "8": "0"}))


def placeholder(claims: pd.DataFrame) -> pd.DataFrame:
    """Sixty claims of a day whose patient nobody knew."""
    unknown = claims.iloc[:60].assign(
        claim_id=[f"u{n}" for n in range(60)], patient_token="unknown", day=date(2025, 4, 2)
    )
    return pd.concat([claims, unknown])


def by_line(claims: pd.DataFrame) -> pd.DataFrame:
    """The id is the line's, not the patient's."""
    return pd.concat([claims, claims.iloc[:40].assign(patient_token="other")])


@pytest.mark.parametrize(
    ("change", "said", "counted"),
    [
        (as_it_is, ["known from before"], {"claims_of_another_token": 0, "crowded_tokens": 0}),
        (made_anew, ["name another patient", "Only 0%"], {"claims_of_another_token": 360, "tokens_known": 0}),
        (made_anew_for_new_claims, ["Only 0% of 360 patients"], {"claims_again": 0, "tokens_known": 0}),
        (colliding, ["claims per patient and month", "tokens collide"], {"tokens": 8}),
        (placeholder, ["1 tokens have more than 40 claims on one day"], {"crowded_lines": 120}),
        (by_line, ["40 of 1,080 claims have several patients"], {"claims_of_several_tokens": 40}),
    ],
)
def test_what_happened_to_the_tokens_is_said(
    change: Callable[[pd.DataFrame], pd.DataFrame], said: list[str], counted: dict[str, int], tmp_path: Path
) -> None:
    """Each fault by itself, in the third delivery of a source; the first two are as they should be."""
    deliveries = [f"vendor.{month}" for month in range(1, MONTHS + 1)]
    for month, refresh in enumerate(deliveries, start=1):
        claims = month_of_claims(month)
        land(tmp_path, refresh, change(claims) if month == MONTHS else claims)
    outcome = landing__tokens_are_plausible(token_volumes(tmp_path, deliveries))
    assert outcome.passed == (change is as_it_is)
    assert outcome.severity == "warn"
    for words in said:
        assert words in outcome.sentence
    assert {name: outcome.metadata[name] for name in counted} == counted
    assert "t0" not in outcome.sentence  # no token is shown


def test_first_delivery_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    land(tmp_path, "vendor.1", month_of_claims(1))
    counts = token_volumes(tmp_path, ["vendor.1"])
    assert landing__tokens_are_plausible(counts).passed
    assert (counts.tokens_known, counts.previous_tokens, counts.previous_claims_per_month) == (0, None, None)
